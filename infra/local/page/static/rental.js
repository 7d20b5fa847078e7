// The page of one rental: a column of time and four lanes.
import { clockTime, control, dayTime, follow, html, isRead, readAgain, readCabinets, render, useEffect, useState, useStore } from "./parts.js";
import { Content, told } from "./happened.js";

const LANES = [
  ["App", ["api", "sms", "mail", "push"]],
  ["Us", ["queue", "schedule", "clock"]],
  ["Cabinet", ["command", "frame"]],
  ["Money", ["posting", "callback"]],
];
const COMPANIES = { alibaba_iot: "Cabinet", mns: "Cabinet", khalti: "Money", esewa: "Money", stripe: "Money" };

// A call belongs to the lane of its company; those that carry messages to people are the app's.
const laneOf = ({ kind, text }) => (kind === "call" ? (COMPANIES[text.split(":")[0]] ?? "App") : LANES.find(([, kinds]) => kinds.includes(kind))?.[0]);

const code = decodeURIComponent(location.pathname.split("/").pop());

function Rental() {
  const { cabinets, events: all } = useStore();
  const events = all.filter((event) => !isRead(event));
  const [rental, setRental] = useState(null);
  useEffect(() => readAgain([], readCabinets), []);
  useEffect(() => {
    const source = follow(code);
    return () => source.close();
  }, []);
  useEffect(() => {
    control.get("/rentals").then((rentals) => setRental(rentals.find((item) => item.code === code) ?? null), () => {});
  }, [events.length]);
  return html`<header><h1>${code}</h1><a href="/">all of the city</a></header><main class="one"><section class="panel">
    ${rental && html`<p><strong>${rental.status}</strong>, power bank ${rental.powerbank_sn ?? "none yet"}, station ${cabinets.find((item) => item.sn === rental.station_sn)?.station_name ?? rental.station_sn}${rental.due_at && `, due ${dayTime(rental.due_at)}`}</p>`}
    ${!events.length && html`<p role="status">Nothing is known of this rental.</p>`}
    <table class="lanes"><caption>What happened to this rental, the oldest first</caption>
      <thead><tr><th scope="col">Time</th>${LANES.map(([name]) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${events.map((event) => html`<tr key=${event.number}><th scope="row"><time datetime=${event.at}>${clockTime(event.at)}</time></th>
        ${LANES.map(([name]) => html`<td data-lane=${name}>${laneOf(event) === name && html`<${Cell} event=${event} />`}</td>`)}</tr>`)}</tbody>
    </table></section></main>`;
}

function Cell({ event }) {
  const [isOpen, setOpen] = useState(false);
  return html`<button type="button" class=${`line ${event.kind}`} aria-expanded=${String(isOpen)} onClick=${() => setOpen(!isOpen)}><b>${event.kind}</b> ${told(event)}</button>
    ${isOpen && html`<${Content} event=${event} />`}`;
}

render(html`<${Rental} />`, document.getElementById("page"));
