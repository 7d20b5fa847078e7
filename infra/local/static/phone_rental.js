// Renting on the phone: scan, the running rental, return, extension and what is due.
import { html, useState } from "./vendor/htm-preact.js";
import { stationName } from "./city.js";
import { control } from "./http.js";
import { Choice, Press } from "./widgets.js";
import { readPhone } from "./phone.js";
import { word } from "./phone_texts.js";
import { call } from "./session.js";
import { change, state, useStore } from "./store.js";
import { amount, dayTime } from "./formats.js";

function StationChoice({ label }) {
  const { cabinets, station } = useStore();
  return html`<${Choice} label=${label} name="station" value=${station ?? cabinets[0]?.sn} onChange=${(sn) => change({ station: sn })}
    options=${cabinets.map((cabinet) => [cabinet.sn, stationName(cabinet)])} />`;
}

function PackageChoice({ value, onChange, only }) {
  const { phone } = useStore();
  const packages = (phone.packages ?? []).filter((item) => !only || item.payment_model === only);
  return html`<${Choice} label=${word("package")} name="package" value=${value} onChange=${onChange}
    options=${packages.map((item) => [item.id, `${item.name} ${amount(item.price)}`])} />`;
}

function chosenCabinet() {
  return state.cabinets.find((item) => item.sn === state.station) ?? state.cabinets[0];
}

export function Rent() {
  const [chosen, setChosen] = useState("1-hour");
  const cabinet = chosenCabinet();
  return html`<h3>${word("rent")}</h3>
    <div class="row"><${StationChoice} label=${word("station")} /><${PackageChoice} value=${chosen} onChange=${setChosen} /></div>
    <${Press} name="scan" onPress=${scan}>${word("scan")}: ${stationName(cabinet)}<//>`;

  async function scan() {
    await call("POST", "/api/rentals/start", { station_sn: chosenCabinet().sn, package_id: chosen });
    await readPhone();
  }
}

export function Rental({ rental }) {
  const { now } = useStore();
  const [chosen, setChosen] = useState("1-hour");
  const isOut = ["active", "overdue"].includes(rental.status) || (rental.status === "due" && !rental.ended_at);
  const isLate = rental.due_at && now && new Date(now) > new Date(rental.due_at);
  return html`<div class="rental" data-status=${rental.status}><h3>${word("rental")} <a href=${`/r/${rental.code}`}>${rental.code}</a> <em>${rental.status}</em></h3>
    <p>${rental.powerbank && html`${word("power")} ${rental.powerbank.sn} · `}${rental.station?.name}
      ${rental.due_at && html` · <span class=${isLate ? "wrong" : ""}>${word("dueAt")} ${dayTime(rental.due_at)}</span>`}
      ${" · "}${word("lateFee")} ${amount(isOut ? rental.late_fee_so_far : rental.late_fee)}</p>
    ${isOut && html`<div class="row"><${StationChoice} label=${word("returnAt")} /><${Press} name="return" onPress=${giveBack}>${word("giveBack")}<//></div>
      ${rental.package?.payment_model === "prepaid" && html`<div class="row"><${PackageChoice} value=${chosen} onChange=${setChosen} only="prepaid" />
        <${Press} name="extend" onPress=${extend}>${word("extend")}<//></div>`}`}
    ${rental.status === "due" && Number(rental.due_amount) > 0 && html`<${Press} name="pay-due" onPress=${payDue}>${word("payDue")} ${amount(rental.due_amount)}<//>`}</div>`;

  async function giveBack() {
    await control.post(`/cabinets/${chosenCabinet().imei}/return`, { powerbank_sn: rental.powerbank.sn });
  }
  async function extend() {
    await call("POST", `/api/rentals/${rental.id}/extend`, { package_id: chosen });
    await readPhone();
  }
  async function payDue() {
    await call("POST", `/api/rentals/${rental.id}/pay-due`, {});
    await readPhone();
  }
}
