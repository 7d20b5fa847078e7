// The operator's desk, all of it by the admin API: sign-in, KYC review, and commands to cabinets with their answers.
import { html, useState } from "./vendor/htm-preact.js";
import { useRead } from "./feed.js";
import { onThisOrigin } from "./http.js";
import { Reconciliation, Refunds, TopupsInReview } from "./operator_money.js";
import { operatorCall as call, operatorSignIn } from "./session.js";
import { change, useStore } from "./store.js";
import { Choice, Field, Json, Press, StationChoice, cabinetOf, useFields } from "./widgets.js";

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

export function Operator() {
  const { operator } = useStore();
  return operator.token ? html`<${Desk} />` : html`<${SignIn} />`;
}

function SignIn() {
  const [{ email, password }, of] = useFields({ email: "admin@example.com", password: "admin-demo-password" });
  return html`<div class="row"><${Field} label="E-mail" ...${of("email")} /><${Field} label="Password" ...${of("password")} type="password" />
    <${Press} name="operator-sign-in" onPress=${() => operatorSignIn(email, password)}>Sign in<//></div>
    <p><small>treasurer@example.com has the same password, and approves what the first operator asked for.</small></p>`;
}

function Desk() {
  const { operator } = useStore();
  return html`<p class="row">${operator.email} <${Press} name="operator-sign-out" onPress=${() => change({ operator: { token: null } })}>Sign out<//></p>
    <div class="columns"><${Papers} /><${Commands} /><${Refunds} /><${TopupsInReview} /></div><${Reconciliation} />`;
}

function Papers() {
  const [{ reason }, of] = useFields({ reason: "The photograph is blurred" });
  const [papers, read] = useRead(["api", "clock"], async () => (await call("GET", "/api/admin/kyc/submissions")).kyc_submissions);
  const decide = (item, decision) => call("PATCH", `/api/admin/kyc/submissions/${encodeURIComponent(item.id)}`, decision).then(read);
  const waiting = papers.filter((item) => item.status === "PENDING");
  return html`<div><h3>KYC</h3>
    ${!waiting.length && html`<p>No papers wait.</p>`}
    ${waiting.map((item) => html`<article key=${item.id} class="papers">
      <img alt="Certificate of ${item.username}" src=${onThisOrigin(item.document_front_url)} />
      <p><strong>${item.username}</strong> ${item.phone_number ?? item.email}<br />${item.document_number}, ${item.issued_district}, ${item.issued_date}</p>
      <p class="row"><${Press} name="approve-papers" onPress=${() => decide(item, { status: "APPROVED" })}>approve<//>
        <${Field} label="Reason" ...${of("reason")} />
        <${Press} name="reject-papers" onPress=${() => decide(item, { status: "REJECTED", rejection_reason: reason })}>reject<//></p>
    </article>`)}</div>`;
}

function Commands() {
  const [entered, of] = useFields({ command: "check" });
  const [answer, setAnswer] = useState(null);
  const { command, cabinet } = entered;
  const fields = COMMANDS[command];
  const order = async () => {
    setAnswer(null);
    const values = fields.map(([name, , first, type]) => [name, type === "number" ? Number(entered[name] ?? first) : (entered[name] ?? first)]);
    const body = { command, ...Object.fromEntries(values.filter(([, value]) => value !== "")) };
    setAnswer(await call("POST", `/api/admin/stations/${cabinetOf(cabinet).sn}/remote-command`, body));
  };
  return html`<div><h3>Command to a cabinet</h3>
    <div class="row"><${StationChoice} ...${of("cabinet")} /><${Choice} label="Command" ...${of("command")} options=${Object.keys(COMMANDS)} />
    ${fields.map(([name, label, first, type]) => html`<${Array.isArray(type) ? Choice : Field} key=${name} label=${label} ...${of(name)} type=${type} options=${type} value=${entered[name] ?? first} />`)}
    <${Press} name="send-command" onPress=${order}>send<//></div>
    ${answer && html`<${Json} of=${answer} class="answer" data-command=${answer.action_type} />`}</div>`;
}
