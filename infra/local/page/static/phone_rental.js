// Renting on the phone: scan, the running rental, return, extension and what is due.
import { html, useState } from "./vendor/htm-preact.js";
import { control } from "./http.js";
import { readPhone } from "./phone.js";
import { word } from "./phone_texts.js";
import { call } from "./session.js";
import { amount, dayTime } from "./formats.js";
import { change, state, useStore } from "./store.js";
import { Choice, Press, StationChoice, cabinetOf, stationName } from "./widgets.js";

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
  const isOut = ["active", "overdue"].includes(rental.status) || (rental.status === "due" && !rental.ended_at);
  const isLate = rental.due_at && now && new Date(now) > new Date(rental.due_at);
  return html`<div class="rental" data-status=${rental.status}><h3>${word("rental")} <a href=${`/r/${rental.code}`}>${rental.code}</a> <em>${rental.status}</em></h3>
    <p>${rental.powerbank && html`${word("power")} ${rental.powerbank.sn} · `}${rental.station?.name}
      ${rental.due_at && html` · <span class=${isLate ? "wrong" : ""}>${word("dueAt")} ${dayTime(rental.due_at)}</span>`}
      ${" · "}${word("lateFee")} ${amount(isOut ? rental.late_fee_so_far : rental.late_fee)}</p>
    ${isOut && html`<div class="row"><${Here} label=${word("returnAt")} />
        <${Choice} label=${word("via")} name="via" value=${via} onInput=${setVia} options=${["mqtt", "http", "power_off"]} /><${Press} name="return" onPress=${giveBack}>${word("giveBack")}<//></div>
      ${rental.package?.payment_model === "prepaid" && html`<div class="row"><${PackageChoice} value=${chosen} onInput=${setChosen} only="prepaid" />
        <${Press} name="extend" onPress=${() => order("extend", { package_id: chosen })}>${word("extend")}<//></div>`}`}
    ${rental.status === "due" && Number(rental.due_amount) > 0 && html`<${Press} name="pay-due" onPress=${() => order("pay-due", {})}>${word("payDue")} ${amount(rental.due_amount)}<//>`}</div>`;

  async function giveBack() {
    await control.post(`/cabinets/${cabinetOf(state.station).imei}/return`, { powerbank_sn: rental.powerbank.sn, via });
  }
  async function order(verb, body) {
    await call("POST", `/api/rentals/${rental.id}/${verb}`, body);
    await readPhone();
  }
}
