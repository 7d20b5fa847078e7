// The operator's money: refunds, top-ups in review and the reconciliation with the gateways.
import { html, useState } from "./vendor/htm-preact.js";
import { useRead } from "./feed.js";
import { dayTime } from "./formats.js";
import { operatorCall as call } from "./session.js";
import { Press, Table } from "./widgets.js";

export function Refunds() {
  const [refunds, read] = useRead(["api", "posting", "clock"], async () => (await call("GET", "/api/admin/refunds")).results);
  const decide = (item, verb, body) => call("POST", `/api/admin/refunds/${item.id}/${verb}`, body).then(read);
  return html`<div><h3>Refunds</h3>
    <${Table} caption="Asked for by customers" heads=${["asked", "amount", "status", "decide"]} rows=${refunds.map((item) => [
      dayTime(item.requested_at),
      item.amount,
      item.status,
      item.status === "REQUESTED" &&
        html`<${Press} name="approve-refund" onPress=${() => decide(item, "approve", {})}>approve<//>
          <${Press} name="reject-refund" onPress=${() => decide(item, "reject", { reason: "It was used" })}>reject<//>`,
    ])} /></div>`;
}

export function TopupsInReview() {
  const [intents, read] = useRead(["api", "posting", "callback", "clock"], async () => (await call("GET", "/api/admin/intents")).intents);
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
    ])} />
    ${answer && html`<p role="status">${answer.status}${answer.gateway_status && `; the gateway says ${answer.gateway_status.status} ${answer.gateway_status.amount ?? ""}`}</p>`}</div>`;
}

// Reports of each day and gateway, and the lines of the day that was pressed.
export function Reconciliation() {
  const [reports, read] = useRead(["schedule", "clock"], async () => (await call("GET", "/api/admin/reconciliation")).results);
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
    ])} />
    ${chosen && html`<${Table} caption="Lines of ${chosen.day}" heads=${["gateway", "outcome", "ours", "theirs", "our reference", "why"]}
      rows=${chosen.results.map((line) => [line.gateway, line.outcome, line.our_amount, line.their_amount, line.our_reference, line.reason])} />`}</div>`;
}
