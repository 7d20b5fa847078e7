// Faults: every behaviour of cabinets, and failing companies.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { stationName } from "./city.js";
import { readAgain, readCabinets } from "./feed.js";
import { control } from "./http.js";
import { Choice, Field, Press, Table } from "./widgets.js";
import { useStore } from "./store.js";

const SERVICES = ["khalti", "esewa", "stripe", "sparrow", "ses", "fcm", "cloudinary", "mns", "alibaba_iot", "dynamodb", "iam"];

// A value as the control API takes it: JSON, or else a text.
function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function Faults() {
  const [listing, setListing] = useState([]);
  useEffect(() => {
    control.get("/behaviours").then(setListing, () => {});
  }, []);
  return html`<div class="columns"><${CabinetFault} listing=${listing.filter((item) => !item.name.includes(":"))} /><${CompanyFault} /></div>
    <${Callbacks} />
    <${Table} caption="All behaviours" heads=${["name", "values", "meaning"]}
      rows=${listing.map((item) => [item.name, String(item.values ?? ""), item.meaning])} />`;
}

function CabinetFault({ listing }) {
  const { cabinets } = useStore();
  const [imei, setImei] = useState("");
  const [name, setName] = useState("eject");
  const [value, setValue] = useState("fail");
  const chosen = listing.find((item) => item.name === name);
  return html`<div><h3>A cabinet misbehaves</h3>
    <div class="row"><${Choice} label="Station" name="fault-station" value=${imei || cabinets[0]?.imei} onChange=${setImei} options=${cabinets.map((item) => [item.imei, stationName(item)])} />
    <${Choice} label="Behaviour" name="behaviour" value=${name} onChange=${setName} options=${listing.map((item) => [item.name, item.name])} />
    <${Field} label="Value" name="behaviour-value" value=${value} onInput=${setValue} />
    <${Press} name="behave" onPress=${async () => { await control.post(`/cabinets/${imei || cabinets[0].imei}/behaviour`, { [name]: valueOf(value) }); await readCabinets(); }}>set<//>
    <${Press} name="behave-well" onPress=${async () => { await control.delete("/cabinets/behaviours"); await readCabinets(); }}>all behave well<//></div>
    ${chosen && html`<p><small>${chosen.values}. ${chosen.meaning}</small></p>`}</div>`;
}

// What companies sent to the service, and the same sent once more.
function Callbacks() {
  const [callbacks, setCallbacks] = useState([]);
  useEffect(() => readAgain(["callback"], async () => setCallbacks(await control.get("/callbacks"))), []);
  return html`<${Table} caption="Callbacks of companies, the newest first" heads=${["number", "to", "our answer", "send"]}
    rows=${callbacks.slice(-50).reverse().map((item) => [item.number, new URL(item.url).pathname, item.status,
      html`<${Press} name="again" label="send callback ${item.number} again" onPress=${() => control.post(`/callbacks/${item.number}/again`)}>again<//>`])} />`;
}

function CompanyFault() {
  const [service, setService] = useState("khalti");
  const [status, setStatus] = useState("503");
  const [times, setTimes] = useState("1");
  return html`<div><h3>A company fails</h3>
    <div class="row"><${Choice} label="Service" name="service" value=${service} onChange=${setService} options=${SERVICES.map((item) => [item, item])} />
    <${Field} label="Status" name="status" type="number" value=${status} onInput=${setStatus} />
    <${Field} label="Times" name="times" type="number" min="1" value=${times} onInput=${setTimes} />
    <${Press} name="fail" onPress=${() => control.post("/faults", { service, status: Number(status), times: Number(times) })}>set<//>
    <${Press} name="fail-no-more" onPress=${() => control.delete("/faults")}>no faults<//></div></div>`;
}
