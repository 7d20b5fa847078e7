// The operator's desk, all of it by the admin API: sign-in, KYC review, money and commands to cabinets.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { readAgain } from "./feed.js";
import { onThisOrigin } from "./http.js";
import { Commands } from "./operator_commands.js";
import { Reconciliation, Refunds, TopupsInReview } from "./operator_money.js";
import { call, signIn } from "./operator_session.js";
import { change, useStore } from "./store.js";
import { Field, Press } from "./widgets.js";

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
    <div class="columns"><${Papers} /><${Commands} /><${Refunds} /><${TopupsInReview} /></div><${Reconciliation} />`;
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
