// The state of the service: its queues, its schedules and the audit of its books.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { readAgain, readQueues, readSchedules, useRead } from "./feed.js";
import { control } from "./http.js";
import { Snapshots } from "./snapshots.js";
import { change, useStore } from "./store.js";
import { Choice, Json, Press, Table } from "./widgets.js";

export function ServiceState() {
  return html`<section class="panel service-state" aria-label="Queues, schedules, books and snapshots"><${Queues} /><${Schedules} /><${Books} /><${Snapshots} /></section>`;
}

function Queues() {
  const { queues } = useStore();
  useEffect(() => readAgain(["queue", "api", "schedule", "command", "clock"], readQueues), []);
  return html`<div class="row" role="group" aria-label="Queues"><b>Queues</b>
    ${queues.map((queue) => html`<span key=${queue.name} class=${queue.dead ? "wrong" : ""}>${queue.name.replace(/^.*?-/, "")} ${queue.waiting + queue.in_flight}
      ${queue.dead > 0 && html` · ${queue.dead} dead <${DeadLetters} queue=${queue} />`}</span>`)}
    <${Press} name="drain" onPress=${() => control.post("/queues/drain").then(readQueues)}>drain<//></div>`;
}

function DeadLetters({ queue }) {
  const [letters, setLetters] = useState(null);
  const path = `/queues/${encodeURIComponent(queue.name)}`;
  return html`<${Press} name="dead" onPress=${async () => setLetters(await control.get(`${path}/dead`))}>show<//>
    <${Press} name="redrive" onPress=${() => control.post(`${path}/redrive`).then(readQueues)}>send again<//>
    ${letters && html`<${Table} caption="Dead letters of ${queue.name}" heads=${["rental", "taken", "message"]}
      rows=${letters.map((item) => [item.rental && html`<a href=${`/r/${item.rental}`}>${item.rental}</a>`, `${item.received_count} times`, html`<${Json} of=${item.body} />`])} />`}`;
}

function Schedules() {
  const { schedules, now } = useStore();
  const [chosen, setChosen] = useState("sweep_ejects");
  useEffect(() => readAgain(["schedule", "clock"], readSchedules), []);
  const left = (item) => (item.due_at && now ? Math.max(0, Math.round((new Date(item.due_at) - new Date(now)) / 1000)) : null);
  return html`<div class="row" role="group" aria-label="Schedules">
    <${Choice} label="Schedule" name="schedule" value=${chosen} onInput=${setChosen}
      options=${schedules.map((item) => [item.name, `${item.name}, ${item.rate.replace(/^rate\((.*)\)$/, "each $1")}${left(item) === null ? "" : `, in ${left(item)} s`}`])} />
    <${Press} name="run-schedule" onPress=${() => control.post(`/schedules/${chosen}/run`)}>run<//></div>`;
}

function Books() {
  const { books } = useStore();
  const [[accounts, postings]] = useRead(["posting"], () => Promise.all(["/accounts", "/postings"].map(control.get)), [[], []]);
  const isBalanced = ["paisa", "points"].every((unit) => accounts.reduce((sum, item) => sum + (item.unit === unit ? item.balance : 0), 0) === 0);
  return html`<div class="row" role="group" aria-label="Books"><b>Books</b>
    <span class=${isBalanced ? "good" : "wrong"}>${isBalanced ? "balanced" : "not balanced"}, ${postings.length} postings</span>
    <${Press} name="audit" onPress=${async () => change({ books: await control.get("/audit") })}>audit<//>
    ${books && html`<span class=${books.ok ? "good" : "wrong"} role="status">${books.violations.length} violations</span>`}
    ${books && !books.ok && html`<${Json} of=${books.violations} />`}</div>`;
}
