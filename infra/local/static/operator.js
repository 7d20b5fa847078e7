// The operator: sign-in, KYC review, refunds and commands to cabinets, all by the admin API.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { stationName } from "./city.js";
import { readAgain } from "./feed.js";
import { Refused, onThisOrigin, send } from "./http.js";
import { Choice, Field, Press, Table } from "./widgets.js";
import { change, state, useStore } from "./store.js";
import { dayTime } from "./formats.js";

async function signIn(email, password) {
  const { data } = await send("POST", "/api/admin/login", { email, password });
  change({ operator: { ...state.operator, token: data.access_token, email, password } });
}

// One call to the admin API. An operator whose token is too old signs in again.
async function call(method, path, body) {
  const once = async () => (await send(method, path, body, { Authorization: `Bearer ${state.operator.token}` })).data;
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
  }
  await signIn(state.operator.email, state.operator.password);
  return once();
}

export function Operator() {
  const { operator } = useStore();
  return operator.token ? html`<${Desk} />` : html`<${SignIn} />`;
}

function SignIn() {
  const [email, setEmail] = useState("admin@example.com");
  const [password, setPassword] = useState("admin-demo-password");
  return html`<div class="row"><${Field} label="E-mail" name="email" value=${email} onInput=${setEmail} />
    <${Field} label="Password" name="password" type="password" value=${password} onInput=${setPassword} />
    <${Press} name="operator-sign-in" onPress=${() => signIn(email, password)}>Sign in<//></div>
    <p><small>treasurer@example.com has the same password, and approves what the first operator asked for.</small></p>`;
}

function Desk() {
  const { operator } = useStore();
  return html`<p class="row">${operator.email} <${Press} name="operator-sign-out" onPress=${() => change({ operator: { token: null } })}>Sign out<//></p>
    <div class="columns"><${Papers} /><${Refunds} /><${Commands} /></div>`;
}

function Papers() {
  const [papers, setPapers] = useState([]);
  const [reason, setReason] = useState("The photograph is blurred");
  const read = async () => setPapers((await call("GET", "/api/admin/kyc/submissions")).kyc_submissions);
  useEffect(() => readAgain(["api", "clock"], read), []);
  const decide = async (item, decision) => {
    await call("PATCH", `/api/admin/kyc/submissions/${encodeURIComponent(item.id)}`, decision);
    await read();
  };
  const waiting = papers.filter((item) => item.status === "PENDING");
  return html`<div><h3>KYC <${Press} name="read-papers" onPress=${read}>read<//></h3>
    ${!waiting.length && html`<p>No papers wait.</p>`}
    ${waiting.map((item) => html`<article key=${item.id} class="papers">
      <img alt="Certificate of ${item.username}" src=${onThisOrigin(item.document_front_url)} />
      <p><strong>${item.username}</strong> ${item.phone_number ?? item.email}<br />${item.document_number}, ${item.issued_district}, ${item.issued_date}</p>
      <p class="row"><${Press} name="approve-papers" onPress=${() => decide(item, { status: "APPROVED" })}>approve<//>
        <${Field} label="Reason" name="reason" value=${reason} onInput=${setReason} />
        <${Press} name="reject-papers" onPress=${() => decide(item, { status: "REJECTED", rejection_reason: reason })}>reject<//></p>
    </article>`)}</div>`;
}

function Refunds() {
  const [refunds, setRefunds] = useState([]);
  const read = async () => setRefunds((await call("GET", "/api/admin/refunds")).results);
  useEffect(() => readAgain(["api", "posting", "clock"], read), []);
  const decide = async (item, verb, body) => {
    await call("POST", `/api/admin/refunds/${item.refund_id ?? item.id}/${verb}`, body);
    await read();
  };
  return html`<div><h3>Refunds <${Press} name="read-refunds" onPress=${read}>read<//></h3>
    <${Table} caption="Refunds" heads=${["asked", "amount", "status", "decide"]} rows=${refunds.map((item) => [
      dayTime(item.requested_at ?? item.created_at),
      item.amount,
      item.status,
      /requested|pending/i.test(item.status) &&
        html`<${Press} name="approve-refund" onPress=${() => decide(item, "approve", {})}>approve<//>
          <${Press} name="reject-refund" onPress=${() => decide(item, "reject", { reason: "It was used" })}>reject<//>`,
    ])} /></div>`;
}

const COMMANDS = ["check", "eject", "reboot", "wifi_scan"];

function Commands() {
  const { cabinets } = useStore();
  const [sn, setSn] = useState("");
  const [command, setCommand] = useState("check");
  const [slot, setSlot] = useState("1");
  const [answer, setAnswer] = useState(null);
  const order = async () => {
    const body = command === "eject" ? { command, slot_number: Number(slot) } : { command };
    setAnswer(await call("POST", `/api/admin/stations/${sn || cabinets[0].sn}/remote-command`, body));
  };
  return html`<div><h3>Command to a cabinet</h3>
    <div class="row"><${Choice} label="Station" name="command-station" value=${sn || cabinets[0]?.sn} onChange=${setSn} options=${cabinets.map((item) => [item.sn, stationName(item)])} />
    <${Choice} label="Command" name="command" value=${command} onChange=${setCommand} options=${COMMANDS.map((item) => [item, item])} />
    ${command === "eject" && html`<${Field} label="Slot" name="command-slot" type="number" min="1" value=${slot} onInput=${setSlot} />`}
    <${Press} name="send-command" onPress=${order}>send<//></div>
    ${answer && html`<pre>${JSON.stringify(answer, null, 1)}</pre>`}</div>`;
}
