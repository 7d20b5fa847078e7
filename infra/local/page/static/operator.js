// The operator's desk, all of it by the admin API: KYC review, commands to cabinets, refunds, top-ups in review, reconciliation.
import { cabinetOf, change, Choice, dayTime, Field, html, Json, onThisOrigin, operatorCall as call, operatorSignIn, Press, StationChoice, Table, useFields, useRead, useRef, useState, useStore } from "./parts.js";

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

// The items under `name` of one page of a list, buttons to its other pages where it has any, and what reads at once.
function usePages(kinds, path, name) {
  const page = useRef(1);
  const ask = async () => {
    const answer = await call("GET", `${path}?page_size=20&page=${page.current}`);
    const { total_pages: last } = answer.pagination;
    if (page.current <= last) return answer;
    page.current = last; // what was decided left the list
    return ask();
  };
  const [{ [name]: items, pagination }, read] = useRead(kinds, ask, { [name]: [] });
  const to = (name, number) => {
    const turn = () => {
      page.current = number;
      return read();
    };
    return html`<${Press} name="${name}-page" disabled=${!number} onPress=${turn}>${name} page<//>`;
  };
  const { current_page, total_pages, previous_page, next_page } = pagination ?? {};
  const pages = total_pages > 1 && html`<p class="row">${to("previous", previous_page)} ${current_page} of ${total_pages} ${to("next", next_page)}</p>`;
  return [items, pages, read];
}

function Papers() {
  const [{ reason }, of] = useFields({ reason: "The photograph is blurred" });
  const [papers, pages, read] = usePages(["api", "clock"], "/api/admin/kyc/submissions", "kyc_submissions");
  const decide = (item, decision) => call("PATCH", `/api/admin/kyc/submissions/${encodeURIComponent(item.id)}`, decision).then(read);
  return html`<div><h3>KYC</h3>
    ${!papers.length && html`<p>No papers wait.</p>`}
    ${papers.map((item) => html`<article key=${item.id} class="papers">
      <img alt="Certificate of ${item.username}" src=${onThisOrigin(item.document_front_url)} />
      <p><strong>${item.username}</strong> ${item.phone_number ?? item.email}<br />${item.document_number}, ${item.issued_district}, ${item.issued_date}</p>
      <p class="row"><${Press} name="approve-papers" onPress=${() => decide(item, { status: "APPROVED" })}>approve<//>
        <${Field} label="Reason" ...${of("reason")} />
        <${Press} name="reject-papers" onPress=${() => decide(item, { status: "REJECTED", rejection_reason: reason })}>reject<//></p>
    </article>`)}${pages}</div>`;
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

export function Refunds() {
  const [refunds, pages, read] = usePages(["api", "posting", "clock"], "/api/admin/refunds", "results");
  const decide = (item, verb, body) => call("POST", `/api/admin/refunds/${item.id}/${verb}`, body).then(read);
  return html`<div><h3>Refunds</h3>
    <${Table} caption="Asked for by customers" heads=${["asked", "amount", "why", "status", "decide"]} rows=${refunds.map((item) => [
      dayTime(item.requested_at),
      `${item.amount} ${item.payment_method}`,
      item.reason,
      item.status,
      item.status === "REQUESTED" &&
        html`<${Press} name="approve-refund" onPress=${() => decide(item, "approve", {})}>approve<//>
          <${Press} name="reject-refund" onPress=${() => decide(item, "reject", { reason: "It was used" })}>reject<//>`,
    ])} />${pages}</div>`;
}

export function TopupsInReview() {
  const [intents, pages, read] = usePages(["api", "posting", "callback", "clock"], "/api/admin/intents", "intents");
  const [answer, setAnswer] = useState(null);
  const resolve = async (item, action, note) => {
    setAnswer(await call("POST", `/api/admin/intents/${item.id}/resolve`, { action, note }));
    await read();
  };
  return html`<div class="reviews"><h3>Top-ups in review</h3>
    <${Table} caption="The payment is not what was asked for" heads=${["made", "asked for", "at the gateway", "why", "decide"]} rows=${intents.map((item) => [
      dayTime(item.created_at),
      `${item.amount} ${item.payment_method}`,
      item.gateway_amount ?? "unknown",
      item.reason,
      html`<${Press} name="recheck-intent" onPress=${() => resolve(item, "recheck", "Asked the gateway again")}>check again<//>
        <${Press} name="close-intent" onPress=${() => resolve(item, "close", "The customer was told")}>close<//>`,
    ])} />${pages}
    ${answer && html`<p role="status">${answer.status}${answer.gateway_status && `; the gateway says ${answer.gateway_status.status} ${answer.gateway_status.amount ?? ""}`}</p>`}</div>`;
}

// Reports of each day and gateway, and the lines of the day that was pressed.
export function Reconciliation() {
  const [reports, pages, read] = usePages(["schedule", "clock"], "/api/admin/reconciliation", "results");
  const [chosen, setChosen] = useState(null);
  const path = (item) => `/api/admin/reconciliation/${item.day}`;
  const totals = (item) => Object.entries(item.outcomes).map(([outcome, total]) => `${total.count} ${outcome}`).join(", ");
  return html`<div><h3>Reconciliation</h3>
    <${Table} caption="The schedule reconcile compares a day after it has ended" heads=${["day", "gateway", "status", "lines", "do"]} rows=${reports.map((item) => [
      item.day,
      item.gateway,
      item.status,
      totals(item),
      html`<${Press} name="open-report" label="lines of ${item.day}" onPress=${async () => setChosen(await call("GET", path(item)))}>lines<//>
        <${Press} name="compare-again" label="compare again, ${item.day}" onPress=${() => call("POST", path(item), {}).then(read)}>compare again<//>`,
    ])} />${pages}
    ${chosen && html`<${Table} caption="Lines of ${chosen.day}" heads=${["gateway", "outcome", "ours", "theirs", "our reference", "why"]}
      rows=${chosen.results.map((line) => [line.gateway, line.outcome, line.our_amount, line.their_amount, line.our_reference, line.reason])} />`}</div>`;
}
