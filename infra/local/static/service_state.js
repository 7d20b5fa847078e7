// The state of the service: its queues, its schedules and the audit of its books.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { readAgain, readQueues, readSchedules } from "./feed.js";
import { control } from "./http.js";
import { Choice, Press } from "./widgets.js";
import { change, useStore } from "./store.js";

export function ServiceState() {
  return html`<section class="panel service-state" aria-label="Queues, schedules and books"><${Queues} /><${Schedules} /><${Books} /></section>`;
}

function Queues() {
  const { queues } = useStore();
  useEffect(() => readAgain(["queue", "api", "schedule", "command", "clock"], readQueues), []);
  return html`<div class="row" role="group" aria-label="Queues"><b>Queues</b>
    ${queues.map((queue) => html`<span key=${queue.name} class=${queue.dead ? "wrong" : ""}>${queue.name.replace(/^.*?-/, "")} ${queue.waiting + queue.in_flight}
      ${queue.dead > 0 && html` · ${queue.dead} dead <${DeadLetters} queue=${queue} />`}</span>`)}
    <${Press} name="drain" onPress=${() => control.post("/queues/drain")}>drain<//></div>`;
}

function DeadLetters({ queue }) {
  const [letters, setLetters] = useState(null);
  const path = `/queues/${encodeURIComponent(queue.name)}`;
  return html`<${Press} name="dead" onPress=${async () => setLetters(await control.get(`${path}/dead`))}>show<//>
    <${Press} name="redrive" onPress=${async () => { await control.post(`${path}/redrive`); setLetters(null); await readQueues(); }}>send again<//>
    ${letters && html`<pre>${JSON.stringify(letters, null, 1)}</pre>`}`;
}

function Schedules() {
  const { schedules, now } = useStore();
  const [chosen, setChosen] = useState("sweep_ejects");
  useEffect(() => readAgain(["schedule", "clock"], readSchedules), []);
  const left = (item) => (item.due_at && now ? Math.max(0, Math.round((new Date(item.due_at) - new Date(now)) / 1000)) : null);
  return html`<div class="row" role="group" aria-label="Schedules">
    <${Choice} label="Schedule" name="schedule" value=${chosen} onChange=${setChosen}
      options=${schedules.map((item) => [item.name, `${item.name}, ${item.rate.replace(/^rate\((.*)\)$/, "each $1")}${left(item) === null ? "" : `, in ${left(item)} s`}`])} />
    <${Press} name="run-schedule" onPress=${() => control.post(`/schedules/${chosen}/run`)}>run<//></div>`;
}

function Books() {
  const { books } = useStore();
  return html`<div class="row" role="group" aria-label="Books"><b>Books</b>
    ${books && html`<span class=${books.ok ? "good" : "wrong"} role="status">${books.ok ? "balanced" : `${books.violations.length} violations`}</span>`}
    <${Press} name="audit" onPress=${async () => change({ books: await control.get("/audit") })}>check<//>
    ${books && !books.ok && html`<pre>${JSON.stringify(books.violations, null, 1)}</pre>`}</div>`;
}
