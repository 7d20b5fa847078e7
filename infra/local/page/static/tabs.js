// The tabs under the city, of which one is open.
import { html } from "./vendor/htm-preact.js";
import { Faults } from "./faults.js";
import { Help } from "./help.js";
import { Inbox } from "./inbox.js";
import { Ledger } from "./ledger.js";
import { Operator } from "./operator.js";
import { change, useStore } from "./store.js";

// Every call of the service, tried on a page of its own that stands inside this one.
const Api = () => html`<p><a href="/docs" target="_blank">On a page of its own</a>; calls are made with the phone's token.</p>
  <iframe class="api" title="Every call of the API" src="/docs"></iframe>`;

const TABS = [["operator", "Operator", Operator], ["inbox", "Inbox", Inbox], ["faults", "Faults", Faults], ["api", "API", Api], ["books", "Books", Ledger], ["help", "Help", Help]];

export function Tabs() {
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
