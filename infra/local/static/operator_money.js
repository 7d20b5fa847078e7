// The operator's money: refunds, top-ups in review and the reconciliation with the gateways.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { readAgain } from "./feed.js";
import { dayTime } from "./formats.js";
import { call } from "./operator_session.js";
import { Press, Table } from "./widgets.js";

export function Refunds() {
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

// Top-ups whose payment at the gateway is not what was asked for.
export function TopupsInReview() {
  const [intents, setIntents] = useState([]);
  const [answer, setAnswer] = useState(null);
  const read = async () => setIntents((await call("GET", "/api/admin/intents")).intents);
  useEffect(() => readAgain(["api", "posting", "callback", "clock"], read), []);
  const resolve = async (item, action, note) => {
    setAnswer(await call("POST", `/api/admin/intents/${item.id}/resolve`, { action, note }));
    await read();
  };
  return html`<div><h3>Top-ups in review <${Press} name="read-intents" onPress=${read}>read<//></h3>
    <${Table} caption="Top-ups in review" heads=${["made", "asked for", "at the gateway", "why", "decide"]} rows=${intents.map((item) => [
      dayTime(item.created_at),
      `${item.amount} ${item.payment_method}`,
      item.gateway_amount ?? "unknown",
      item.reason,
      html`<${Press} name="recheck-intent" onPress=${() => resolve(item, "recheck", "Asked the gateway again")}>check again<//>
        <${Press} name="close-intent" onPress=${() => resolve(item, "close", "The customer was told")}>close<//>`,
    ])} />
    ${answer && html`<p role="status">${answer.status}${answer.gateway_status && `; the gateway says ${answer.gateway_status.status} ${answer.gateway_status.amount ?? ""}`}</p>`}</div>`;
}

// Reports of each day and gateway, and the lines of the day that was pressed.
export function Reconciliation() {
  const [reports, setReports] = useState([]);
  const [chosen, setChosen] = useState(null);
  const read = async () => setReports((await call("GET", "/api/admin/reconciliation")).results);
  useEffect(() => readAgain(["schedule", "clock"], read), []);
  const open = async (day) => setChosen(await call("GET", `/api/admin/reconciliation/${day}`));
  const again = async (day) => {
    await call("POST", `/api/admin/reconciliation/${day}`, {});
    await read();
  };
  const totals = (item) => Object.entries(item.outcomes).map(([outcome, total]) => `${total.count} ${outcome}`).join(", ");
  return html`<div><h3>Reconciliation <${Press} name="read-reports" onPress=${read}>read<//></h3>
    <p><small>The schedule reconcile compares a day after it has ended.</small></p>
    <${Table} caption="Reports" heads=${["day", "gateway", "status", "lines", "do"]} rows=${reports.map((item) => [
      item.day,
      item.gateway,
      item.status,
      totals(item),
      html`<${Press} name="open-report" label="lines of ${item.day}" onPress=${() => open(item.day)}>lines<//>
        <${Press} name="compare-again" label="compare ${item.day} again" onPress=${() => again(item.day)}>compare again<//>`,
    ])} />
    ${chosen && html`<${Table} caption="Lines of ${chosen.day}" heads=${["gateway", "outcome", "ours", "theirs", "our reference", "why"]}
      rows=${chosen.results.map((line) => [line.gateway, line.outcome, line.our_amount, line.their_amount, line.our_reference, line.reason])} />`}</div>`;
}
