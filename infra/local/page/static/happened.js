// What happened: the newest events on top, by rental and by kind; a press shows all that is known of one.
import { change, Choice, clockTime, html, isRead, Json, KINDS, state, useState, useStore } from "./parts.js";

const SHOWN = 120;

export function Happened() {
  const { events, filter, isLive } = useStore();
  const set = (changes) => change({ filter: { ...filter, ...changes } });
  const rentals = [...new Set(events.map((event) => event.rental).filter(Boolean))].reverse();
  const shown = events
    .filter((event) => (!filter.rental || event.rental === filter.rental) && (!filter.kind || event.kind === filter.kind) && (filter.reads || !isRead(event)))
    .slice(-SHOWN)
    .reverse();
  return html`<section class="panel happened" aria-labelledby="happened-title">
    <h2 id="happened-title">What happened <small class=${isLive ? "live" : "wrong"}>${isLive ? "live" : "not connected"}</small></h2>
    <div class="row">
      <${Choice} label="Rental" name="filter-rental" value=${filter.rental} onInput=${(rental) => set({ rental })} options=${[["", "all"], ...rentals]} />
      <${Choice} label="Kind" name="filter-kind" value=${filter.kind} onInput=${(kind) => set({ kind })} options=${[["", "all kinds"], ...KINDS]} />
      <label class="tick"><input type="checkbox" name="reads" checked=${filter.reads} onChange=${(event) => set({ reads: event.target.checked })} /> reads too</label>
      ${filter.rental && html`<a class="press" href=${`/r/${filter.rental}`}>permalink</a>`}
    </div>
    ${!shown.length && html`<p role="status">Nothing of this kind yet.</p>`}
    <ol class="feed" tabindex="0" aria-label="Events, the newest first">${shown.map((event) => html`<${Line} key=${event.number} event=${event} />`)}</ol>
  </section>`;
}

// The line of an event: a cabinet by its station, an id by its end, and why a request was refused.
export function told({ kind, text, content }) {
  const code = kind === "api" && content.answer?.error?.code;
  const named = text.replace(/^\d+(?= (?:->|<-))/, (sn) => state.cabinets.find((item) => item.sn === sn)?.station_name ?? sn);
  return named.replace(/\b[0-9A-Z]{18}([0-9A-Z]{8})\b/g, "…$1").replace(/ -> /g, " → ").replace(/ <- /g, " ← ") + (code ? ` ${code}` : "");
}

export function Line({ event }) {
  const [isOpen, setOpen] = useState(false);
  return html`<li class=${`event ${event.kind}`} data-number=${event.number} data-kind=${event.kind} data-rental=${event.rental ?? ""}>
    <button type="button" class="line" aria-expanded=${String(isOpen)} onClick=${() => setOpen(!isOpen)}>
      <time datetime=${event.at}>${clockTime(event.at)}</time> <b>${event.kind}</b> <span>${told(event)}</span>${event.rental && html` <i>${event.rental}</i>`}
    </button>
    ${isOpen && html`<${Content} event=${event} />`}
  </li>`;
}

// The content of an event; the bytes of a frame are shown by two digits each.
export function Content({ event }) {
  const { hex, ...content } = event.content;
  return html`<div class="content">
    ${hex && html`<p class="hex">bytes: ${hex.match(/../g).join(" ")}</p>`}
    <${Json} of=${content} />
    <small>event ${event.number}, ${event.at}</small>
  </div>`;
}
