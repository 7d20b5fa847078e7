// Remote commands of the operator to a cabinet, with the cabinet's own answer.
import { html, useState } from "./vendor/htm-preact.js";
import { stationName } from "./city.js";
import { call } from "./operator_session.js";
import { useStore } from "./store.js";
import { Choice, Field, Press } from "./widgets.js";

// The fields of each command: name in the API, label, what it holds at first, and how it is entered.
const COMMANDS = {
  check: [],
  eject: [["slot_number", "Slot", "1", "number"]],
  reboot: [],
  volume: [["volume", "Volume in percent", "50", "number"]],
  mode: [["mode", "Network", "wifi", ["wifi", "4g"]]],
  wifi_scan: [],
  wifi_connect: [["ssid", "WiFi network", "Cafe", "text"], ["password", "WiFi password", "", "text"]],
};

export function Commands() {
  const { cabinets } = useStore();
  const [sn, setSn] = useState("");
  const [command, setCommand] = useState("check");
  const [values, setValues] = useState({});
  const [answer, setAnswer] = useState(null);
  const fields = COMMANDS[command];
  const order = async () => {
    setAnswer(null);
    const entered = fields.map(([name, , first, type]) => [name, type === "number" ? Number(values[name] ?? first) : (values[name] ?? first)]);
    const body = { command, ...Object.fromEntries(entered.filter(([, value]) => value !== "")) };
    setAnswer(await call("POST", `/api/admin/stations/${sn || cabinets[0].sn}/remote-command`, body));
  };
  return html`<div><h3>Command to a cabinet</h3>
    <div class="row"><${Choice} label="Station" name="command-station" value=${sn || cabinets[0]?.sn} onChange=${setSn} options=${cabinets.map((item) => [item.sn, stationName(item)])} />
    <${Choice} label="Command" name="command" value=${command} onChange=${setCommand} options=${Object.keys(COMMANDS).map((item) => [item, item])} />
    ${fields.map(([name, label, first, type]) => html`<${Entry} key=${name} name=${`command-${name}`} label=${label} type=${type} value=${values[name] ?? first}
      onChange=${(value) => setValues({ ...values, [name]: value })} />`)}
    <${Press} name="send-command" onPress=${order}>send<//></div>
    ${answer && html`<pre class="answer" data-command=${answer.action_type}>${JSON.stringify(answer, null, 1)}</pre>`}</div>`;
}

function Entry({ name, label, type, value, onChange }) {
  if (Array.isArray(type)) return html`<${Choice} label=${label} name=${name} value=${value} onChange=${onChange} options=${type.map((item) => [item, item])} />`;
  return html`<${Field} label=${label} name=${name} type=${type} value=${value} onInput=${onChange} />`;
}
