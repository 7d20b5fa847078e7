// The page: the city, the phone, what happened, the state of the service, and the tabs: among them the API, the inbox and help.
import { change, control, dayTime, Field, follow, html, Press, render, restore, Table, useEffect, useRead, useState, useStore } from "./parts.js";
import { City } from "./city.js";
import { Faults } from "./faults.js";
import { Happened } from "./happened.js";
import { Ledger } from "./ledger.js";
import { Operator } from "./operator.js";
import { Phone } from "./phone.js";
import { Clock, ServiceState } from "./sandbox.js";

const OUTBOXES = [["sms", "sms"], ["emails", "mail"], ["pushes", "push"]];

function Inbox() {
  const [receiver, setReceiver] = useState("");
  const [messages] = useRead(["sms", "mail", "push"], async () => {
    const lists = await Promise.all(OUTBOXES.map(([path, kind]) => control.get(`/${path}`).then((list) => list.map((message) => ({ ...message, kind })))));
    return lists.flat().sort((one, other) => (one.at < other.at ? 1 : -1));
  });
  const to = (message) => String(message.to ?? message.token ?? "");
  const rows = messages
    .filter((message) => to(message).includes(receiver.trim()))
    .slice(0, 100)
    .map((message) => [dayTime(message.at), message.kind, to(message), [message.subject ?? message.title, message.text ?? message.body].filter(Boolean).join(": ")]);
  return html`<${Field} label="Receiver" name="receiver" value=${receiver} onInput=${setReceiver} />
    <${Table} caption="Messages, the newest first" heads=${["at", "kind", "to", "text"]} rows=${rows} />`;
}

const WORDS = [
  ["Cabinet", "the machine at a station; its slots hold power banks. A jam, a silent cabinet and the like are set by the buttons of its station."],
  ["Frame", "what a cabinet sends: bytes, shown with their meaning when the line is pressed."],
  ["Hold", "money set aside when a rental begins; it is taken when the power bank is out."],
  ["Due", "what a customer owes after a late return. It is paid before the next rental."],
  ["Posting", "one change of the books. Its legs add up to nothing. 100 paisa are a rupee."],
  ["Outbox", "messages that a write stored. Each stays until a consumer has done what it asks."],
  ["Dead letter", "a message that no consumer could handle. It can be looked at and sent again."],
];

// Browsers let a page copy on https and on this machine only.
async function copy(text) {
  if (!navigator.clipboard) throw new Error("This browser copies on https only; select the text.");
  await navigator.clipboard.writeText(text);
}

function Help() {
  const { origin } = location;
  const calls = [
    `curl -s ${origin}/clock`,
    `curl -s -X POST ${origin}/people/%2B9779841000001/token`,
    `curl -s -N -H 'Accept: text/event-stream' '${origin}/events?after=0&kind=posting'`,
  ];
  return html`<div class="columns"><dl>${WORDS.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl>
    <div><h3>Calls to copy</h3>${calls.map((text) => html`<p class="row"><code>${text}</code>
      <${Press} label="copy: ${text}" done="copied" onPress=${() => copy(text)}>copy<//></p>`)}
    <p><a href="/problems">All problems</a>, <a href="/openapi.json">the control API</a>, <a href="/behaviours">all behaviours</a></p></div></div>`;
}

// Every call of the service, tried on a page of its own that stands inside this one.
const Api = () => html`<p><a href="/docs" target="_blank">On a page of its own</a>; calls are made with the phone's token.</p>
  <iframe class="api" title="Every call of the API" src="/docs"></iframe>`;

const TABS = [["operator", "Operator", Operator], ["inbox", "Inbox", Inbox], ["faults", "Faults", Faults], ["api", "API", Api], ["books", "Books", Ledger], ["help", "Help", Help]];

function Tabs() {
  const { tab } = useStore();
  const [, , Chosen] = TABS.find(([name]) => name === tab);
  // The arrow keys go from tab to tab, as readers of a screen expect.
  function step(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = TABS[(TABS.findIndex(([name]) => name === tab) + by + TABS.length) % TABS.length][0];
    change({ tab: next });
    document.getElementById(`tab-${next}`).focus();
  }
  return html`<section class="panel tabs"><div role="tablist" aria-label="Tabs" onKeyDown=${step}>
    ${TABS.map(([name, title]) => html`<button key=${name} type="button" role="tab" id=${`tab-${name}`} aria-selected=${String(name === tab)} aria-controls="tab-panel"
      tabindex=${name === tab ? 0 : -1} onClick=${() => change({ tab: name })}>${title}</button>`)}</div>
    <div role="tabpanel" id="tab-panel" aria-labelledby=${`tab-${tab}`}><${Chosen} key=${tab} /></div></section>`;
}

function Page() {
  const { wrong } = useStore();
  useEffect(() => {
    const source = follow();
    return () => source.close();
  }, []);
  return html`<header><h1>Bijuli <small>sandbox</small></h1><${Clock} /></header>
    ${wrong && html`<p class="unread wrong" role="alert">Not all could be read: ${wrong}</p>`}
    <main><${City} /><${Phone} /><${Happened} /><${ServiceState} /><${Tabs} /></main>`;
}

restore();
render(html`<${Page} />`, document.getElementById("page"));
