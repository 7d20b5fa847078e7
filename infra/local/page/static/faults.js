// Faults: every behaviour of cabinets, and failing companies.
import { cabinetOf, Choice, control, Field, html, Press, readCabinets, StationChoice, Table, useFields, useRead } from "./parts.js";

const SERVICES = ["khalti", "esewa", "stripe", "sparrow", "ses", "fcm", "cloudinary", "mns", "alibaba_iot", "dynamodb", "iam"];

const TEXTS = ["code", "method", "path", "receiver"];

// A value as the control API takes it: JSON, or else a text.
function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function Faults() {
  const [listing] = useRead([], () => control.get("/behaviours"));
  return html`<div class="columns"><${CabinetFault} listing=${listing.filter((item) => !item.name.includes(":"))} /><${CompanyFault} /></div>
    <${Callbacks} />
    <${Table} caption="All behaviours" heads=${["name", "values", "meaning"]}
      rows=${listing.map((item) => [item.name, String(item.values ?? ""), item.meaning])} />`;
}

function CabinetFault({ listing }) {
  const [entered, of] = useFields({ behaviour: "eject", value: "fail" });
  const chosen = listing.find((item) => item.name === entered.behaviour);
  const set = () => control.post(`/cabinets/${cabinetOf(entered.cabinet).imei}/behaviour`, { [entered.behaviour]: valueOf(entered.value) });
  return html`<div><h3>A cabinet misbehaves</h3>
    <div class="row"><${StationChoice} ...${of("cabinet")} /><${Choice} label="Behaviour" ...${of("behaviour")} options=${listing.map((item) => item.name)} />
    <${Field} label="Value" ...${of("value")} /><${Press} name="behave" done="set" onPress=${() => set().then(readCabinets)}>set<//>
    <${Press} name="behave-well" done="they do" onPress=${() => control.delete("/cabinets/behaviours").then(readCabinets)}>all behave well<//></div>
    ${chosen && html`<p><small>${chosen.values}. ${chosen.meaning}</small></p>`}</div>`;
}

// What companies sent to the service, and the same sent once more.
function Callbacks() {
  const [callbacks] = useRead(["callback"], () => control.get("/callbacks"));
  return html`<${Table} caption="Callbacks of companies, the newest first" heads=${["number", "to", "our answer", "send"]}
    rows=${callbacks.slice(-50).reverse().map((item) => [item.number, new URL(item.url).pathname, item.status,
      html`<${Press} name="again" label="send callback ${item.number} again" done="sent" onPress=${() => control.post(`/callbacks/${item.number}/again`)}>again<//>`])} />`;
}

function CompanyFault() {
  const [{ service, status, times, ...words }, of] = useFields({ service: "khalti", status: "503", times: "1" });
  const set = () => {
    const entered = Object.entries(words).filter(([, value]) => value).map(([name, value]) => [name, TEXTS.includes(name) ? value : valueOf(value)]);
    return control.post("/faults", { service, times: Number(times), ...(status && { status: Number(status) }), ...Object.fromEntries(entered) });
  };
  return html`<div><h3>A company fails</h3>
    <div class="row"><${Choice} label="Service" ...${of("service")} options=${SERVICES} />
    <${Field} label="Status" ...${of("status")} type="number" /><${Field} label="Times" ...${of("times")} type="number" min="1" />
    ${[...TEXTS, "timeout", "retry_after", "effect"].map((name) => html`<${Field} key=${name} label=${name} ...${of(name)} />`)}<${Press} name="fail" done="set" onPress=${set}>set<//>
    <${Press} name="fail-no-more" done="none is left" onPress=${() => control.delete("/faults")}>no faults<//></div>
    <p><small>The next calls fail, as often as Times says. code: the company's own word for it. method, path, receiver: only calls with these, path by its end.
      timeout, in place of a status: so many seconds of silence. effect: true if the call has its effect all the same.</small></p></div>`;
}
