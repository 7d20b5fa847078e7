// The feed: every event as it happens, and what is read anew after one.
import { useEffect, useState } from "./vendor/htm-preact.js";
import { control } from "./session.js";
import { change, state } from "./store.js";

export const KINDS = ["api", "call", "callback", "clock", "command", "frame", "mail", "posting", "push", "queue", "schedule", "sms", "snapshot"];
const [KEPT, KEPT_READS] = [600, 200];
const READ_AT_FIRST = 1000;
const READ_AGAIN_MS = 150;
const READ_AFTER_FAILURE_MS = 2000;
const DRAWN_AFTER_MS = 30;

const readers = new Set();
const dirty = new Set();
let timer = null;

// Run `read` now, and again soon after each event of these kinds and after a failure of the service. Returns what ends that.
export function readAgain(kinds, read) {
  const again = () => readers.has(reader) && reader.read();
  const reader = {
    kinds,
    read: () => read().then(
      () => failed(reader),
      (error) => {
        // A refusal stays one until something happens.
        if (!(error.status < 500)) setTimeout(again, READ_AFTER_FAILURE_MS);
        failed(reader, error.message);
      },
    ),
  };
  readers.add(reader);
  reader.read();
  return () => {
    readers.delete(reader);
    failed(reader);
  };
}

// What could not be read is said on the page until it could be.
function failed(reader, message) {
  if (reader.wrong === message) return;
  reader.wrong = readers.has(reader) ? message : undefined;
  change({ wrong: [...new Set([...readers].map((item) => item.wrong).filter(Boolean))].join(" ") });
}

// Asks, and keeps the answer unless a later question was answered before.
export function newestOf(ask, keep) {
  let [asked, answered] = [0, 0];
  return async () => {
    const number = ++asked;
    const answer = await ask();
    if (number < answered) return;
    answered = number;
    keep(answer);
  };
}

// What `ask` answers, asked now and again after events of these kinds; and what asks at once.
export function useRead(kinds, ask, first = []) {
  const [value, setValue] = useState(first);
  const [read] = useState(() => newestOf(ask, setValue));
  useEffect(() => readAgain(kinds, read), []);
  return [value, read];
}

function changed(kind) {
  for (const reader of readers) if (reader.kinds.includes(kind) || kind === "snapshot") dirty.add(reader);
  timer ??= setTimeout(() => {
    timer = null;
    const due = [...dirty];
    dirty.clear();
    for (const reader of due) if (readers.has(reader)) reader.read();
  }, READ_AGAIN_MS);
}

// Events wait here for a moment, so that a burst is drawn once.
let waiting = [];

function take(message) {
  const event = JSON.parse(message.data);
  if (!waiting.length) setTimeout(draw, DRAWN_AFTER_MS);
  waiting.push(event);
  // A reading of the page is an event too; it must not start the next reading.
  if (event.content.method !== "GET") changed(event.kind);
}

function draw() {
  const events = newest([...state.events, ...waiting]);
  waiting = [];
  change({ events, newest: events[events.length - 1].number });
}

// The readings of an open page are many; they must not push out what happened.
function newest(events) {
  let [others, reads] = [KEPT, KEPT_READS];
  return events
    .reverse()
    .filter((event) => (isRead(event) ? reads-- > 0 : others-- > 0))
    .reverse();
}

// Follow the feed, from its newest events on; of a rental only, if one is given. The browser connects again by itself.
export function follow(rental) {
  const of = rental ? `&rental=${encodeURIComponent(rental)}` : "";
  const source = new EventSource(`/events?tail=${READ_AT_FIRST}${of}`);
  for (const kind of KINDS) source.addEventListener(kind, take);
  source.onopen = () => change({ isLive: true });
  source.onerror = () => change({ isLive: false });
  return source;
}

// Requests of this page that only read, and the polling of queues.
export function isRead(event) {
  if (event.kind === "api") return event.content.method === "GET" && event.content.status < 400;
  return event.kind === "call" && /receive|\/messages|mns/i.test(event.text);
}

export const readClock = newestOf(() => control.get("/clock"), change);
const readInto = (name) => newestOf(() => control.get(`/${name}`), (answer) => change({ [name]: answer }));
export const [readCabinets, readQueues, readSchedules] = ["cabinets", "queues", "schedules"].map(readInto);
