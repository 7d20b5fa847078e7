// The sandbox itself: its clock, queues, schedules and books, and snapshots of everything.
import { AskingPress, change, Choice, control, dayTime, Field, fieldTime, fromFieldTime, html, Json, Press, readAgain, readCabinets, readClock, readQueues, readSchedules, Table, useEffect, useFields, useRead, useState, useStore } from "./parts.js";

const SPANS = [["+5 min", 300], ["+1 h", 3600], ["+1 day", 86400]];
const STEPS = [["", "at once"], ["60", "each minute"], ["300", "each 5 minutes"], ["3600", "each hour"]];

// The clock goes forward by a span or to a time, at once or in steps after each of which schedules run.
export function Clock() {
  const { now } = useStore();
  const [did, setDid] = useState("");
  useEffect(() => readAgain(["clock", "api", "schedule"], readClock), []);
  const advance = async (body) => {
    const answer = await control.post("/clock/advance", body);
    change({ now: answer.now });
    setDid(`${answer.ran.length} schedules ran, ${answer.sessions_ended} sessions ended`);
    await readCabinets();
  };
  return html`<div class="row" role="group" aria-label="Clock"><time datetime=${now}>${now ? dayTime(now) : "..."}</time>
    ${SPANS.map(([label, seconds]) => html`<${Press} key=${label} name=${`advance-${seconds}`} onPress=${() => advance({ seconds })}>${label}<//>`)}
    ${now && html`<${ToTime} now=${now} advance=${advance} />`}
    ${did && html`<small class="did" role="status">${did}</small>`}</div>`;
}

function ToTime({ now, advance }) {
  const [{ to, step }, of] = useFields({ step: "" });
  const shown = to ?? fieldTime(now);
  const turn = () => advance({ to: fromFieldTime(shown), ...(step ? { step: Number(step) } : {}) });
  return html`<details><summary>to a time</summary><div class="row">
    <${Field} label="Time in Kathmandu" type="datetime-local" ...${of("to")} value=${shown} />
    <${Choice} label="Schedules run" ...${of("step")} options=${STEPS} />
    <${Press} name="advance-to" onPress=${turn}>turn<//></div></details>`;
}

export function ServiceState() {
  return html`<section class="panel service-state" aria-label="Queues, schedules, books and snapshots"><${Queues} /><${Schedules} /><${Books} /><${Snapshots} /></section>`;
}

function Queues() {
  const { queues } = useStore();
  useEffect(() => readAgain(["queue", "api", "schedule", "command", "clock"], readQueues), []);
  const total = (name) => queues.reduce((sum, queue) => sum + queue[name], 0);
  return html`<div class="row" role="group" aria-label="Queues"><b>Queues</b>
    ${queues.map((queue) => html`<span key=${queue.name} class=${queue.dead ? "wrong" : ""}>${queue.name.replace(/^.*?-/, "")} ${queue.waiting + queue.in_flight}${queue.outbox > 0 && ` (outbox ${queue.outbox})`}
      ${queue.dead > 0 && html` · ${queue.dead} dead <${DeadLetters} queue=${queue} />`}</span>`)}
    <${Press} name="drain" done="done" onPress=${() => control.post("/queues/drain").then(readQueues)}>drain<//>
    <span title="stored messages whose effect is not done yet">outbox ${total("outbox")}</span> <span class=${total("dead") ? "wrong" : ""}>dead ${total("dead")}</span></div>`;
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
    <${Press} name="run-schedule" done="ran" onPress=${() => control.post(`/schedules/${chosen}/run`)}>run<//></div>`;
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

export function Snapshots() {
  const [{ snapshot, chosen }, of] = useFields({ snapshot: "" });
  const [taken, setTaken] = useState([]);
  useEffect(() => readAgain(["snapshot"], async () => setTaken(await control.get("/snapshots"))), []);
  const from = chosen ?? taken[0]?.name;
  // What the page shows was read before the restore, so it is loaded anew.
  const back = (path) => control.post(path).then(() => location.reload());
  return html`<div class="row" role="group" aria-label="Snapshots"><b>Everything</b>
    <${Field} label="Name (a-z, 0-9, -)" ...${of("snapshot")} />
    <${Press} name="take" done="taken" disabled=${!snapshot} onPress=${() => control.post(`/snapshots/${encodeURIComponent(snapshot)}`)}>snapshot<//>
    ${taken.length > 0 && html`<${Choice} label="Snapshot" ...${of("chosen")} value=${from} options=${taken.map((item) => [item.name, `${item.name}, ${item.error ?? dayTime(item.taken_at)}`])} />
      <${AskingPress} name="restore" question="Restoring ${from} throws away everything since. Take a snapshot first to keep it." onPress=${() => back(`/snapshots/${from}/restore`)}>restore<//>`}
    <${AskingPress} name="reset" question="Everything goes back to the seeded start. What happened since is lost, unless a snapshot holds it." onPress=${() => back("/reset")}>reset to the start<//></div>`;
}
