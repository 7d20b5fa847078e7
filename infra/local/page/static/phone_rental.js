// Renting on the phone: scan, the running rental, return, extension, what is due, and what a customer does when something is wrong.
import { amount, cabinetOf, call, change, Choice, control, Field, html, Press, state, StationChoice, stationName, useFields, useState, useStore, when, word } from "./parts.js";
import { readPhone } from "./phone.js";

// Where the customer stands.
function Here({ label }) {
  return html`<${StationChoice} label=${label} name="station" value=${state.station} onInput=${(station) => change({ station })} />`;
}

function PackageChoice({ value, onInput, only }) {
  const { phone } = useStore();
  const packages = (phone.packages ?? []).filter((item) => !only || item.payment_model === only);
  return html`<${Choice} label=${word("package")} name="package" value=${value} onInput=${onInput}
    options=${packages.map((item) => [item.id, `${item.name} ${amount(item.price)}`])} />`;
}

export function Rent() {
  const [chosen, setChosen] = useState("1-hour");
  const cabinet = cabinetOf(state.station);
  return html`<h3>${word("rent")}</h3>
    <div class="row"><${Here} label=${word("station")} /><${PackageChoice} value=${chosen} onInput=${setChosen} /></div>
    <${Press} name="scan" onPress=${() => call("POST", "/api/rentals/start", { station_sn: cabinet.sn, package_id: chosen }).then(readPhone)}>${word("scan")}: ${stationName(cabinet)}<//>`;
}

export function Rental({ rental }) {
  const { now } = useStore();
  const [chosen, setChosen] = useState("1-hour");
  const [via, setVia] = useState("mqtt");
  const isOut = rental.status === "active" || (rental.status === "due" && !rental.ended_at);
  const isLate = rental.due_at && now && new Date(now) > new Date(rental.due_at);
  return html`<div class="rental" data-status=${rental.status}><h3>${word("rental")} <a href=${`/r/${rental.code}`}>${rental.code}</a> <em>${word(rental.status)}</em></h3>
    <p>${rental.powerbank && html`${word("power")} ${rental.powerbank.sn} · `}${rental.station?.name}
      ${rental.due_at && html` · <span class=${isLate ? "wrong" : ""}>${word("dueAt")} ${when(rental.due_at)}</span>`}
      ${" · "}${word("lateFee")} ${amount(isOut ? rental.late_fee_so_far : rental.late_fee)}</p>
    ${isOut && html`<div class="row"><${Here} label=${word("returnAt")} />
        <${Choice} label=${word("via")} name="via" value=${via} onInput=${setVia} options=${["mqtt", "http", "power_off"].map((way) => [way, word(way)])} /><${Press} name="return" onPress=${giveBack}>${word("giveBack")}<//></div>
      ${rental.package?.payment_model === "prepaid" && html`<div class="row"><${PackageChoice} value=${chosen} onInput=${setChosen} only="prepaid" />
        <${Press} name="extend" onPress=${() => order("extend", { package_id: chosen })}>${word("extend")}<//></div>`}`}
    ${rental.status === "due" && Number(rental.due_amount) > 0 && html`<${Press} name="pay-due" onPress=${() => order("pay-due", {})}>${word("payDue")} ${amount(rental.due_amount)}<//>`}
    <${RentalProblem} key=${rental.id + rental.powerbank?.sn} rental=${rental} /></div>`;

  async function giveBack() {
    await control.post(`/cabinets/${cabinetOf(state.station).imei}/return`, { powerbank_sn: rental.powerbank.sn, via });
  }
  async function order(verb, body) {
    await call("POST", `/api/rentals/${rental.id}/${verb}`, body);
    await readPhone();
  }
}

const OF_RENTAL = ["not_working", "damaged", "charging", "lost", "return_problem"];
const OF_STATION = ["offline", "damaged", "dirty", "location_wrong", "slot_error", "other"];

function Report({ of, path, kinds }) {
  const [{ issue_type, description }, fieldOf] = useFields({ issue_type: kinds[0], description: "" });
  const [sent, setSent] = useState(null);
  const report = async () => {
    setSent(null);
    setSent(await call("POST", path, { issue_type, description: description || word(issue_type) }));
    await readPhone();
  };
  return html`<div class="row"><${Choice} label=${word("what")} ...${fieldOf("issue_type")} name=${`${of}-issue`} options=${kinds.map((kind) => [kind, word(kind)])} />
    <${Field} label=${word("details")} ...${fieldOf("description")} name=${`${of}-details`} />
    <${Press} name=${`report-${of}`} onPress=${report}>${word("report")}<//></div>
    ${sent && html`<p class="notice" role="status">${word("reported")} ${sent.swap_until && `${word("swapUntil")} ${when(sent.swap_until)}`}</p>`}`;
}

// A faulty power bank that comes back soon after its report is swapped: the station then gives out another.
export function RentalProblem({ rental }) {
  const [isStored, setStored] = useState(false);
  const path = `/api/rentals/${rental.id}`;
  const cancel = () => call("POST", `${path}/cancel`, {}).then(readPhone);
  const locate = async () => {
    const { latitude, longitude } = cabinetOf(state.station);
    await call("POST", `${path}/location`, { latitude, longitude });
    setStored(true);
  };
  return html`<details name="rental-problem"><summary>${word("about")}</summary><${Report} of="rental" path=${`${path}/report-issue`} kinds=${OF_RENTAL} />
    <p class="row"><${Press} name="cancel" onPress=${cancel}>${word("cancel")}<//><${Press} name="location" onPress=${locate}>${word("location")}<//>
    ${isStored && html`<span role="status">${word("located")}</span>`}</p></details>`;
}

export function StationProblem() {
  const cabinet = cabinetOf(state.station);
  if (!cabinet) return null;
  return html`<details name="station-problem"><summary>${word("aboutStation")}: ${stationName(cabinet)}</summary>
    <${Report} key=${cabinet.sn} of="station" path=${`/api/stations/${cabinet.sn}/report-issue`} kinds=${OF_STATION} /></details>`;
}
