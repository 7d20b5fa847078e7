// Help: the words of the page, the problems, and three calls to copy.
import { html } from "./vendor/htm-preact.js";
import { Press } from "./widgets.js";

const WORDS = [
  ["Cabinet", "the machine at a station; its slots hold power banks. A jam, a silent cabinet and the like are set by the buttons of its station."],
  ["Frame", "what a cabinet sends: bytes, shown with their meaning when the line is pressed."],
  ["Hold", "money set aside when a rental begins; it is taken when the power bank is out."],
  ["Due", "what a customer owes after a late return. It is paid before the next rental."],
  ["Posting", "one change of the books. Its legs add up to nothing."],
  ["Dead letter", "a message that no consumer could handle. It can be looked at and sent again."],
];

export function Help() {
  const { origin } = location;
  const calls = [
    `curl -s ${origin}/clock`,
    `curl -s -X POST ${origin}/people/%2B9779841000001/token`,
    `curl -s -N -H 'Accept: text/event-stream' '${origin}/events?after=0&kind=posting'`,
  ];
  return html`<div class="columns"><dl>${WORDS.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl>
    <div><h3>Calls to copy</h3>${calls.map((text) => html`<p class="row"><code>${text}</code>
      <${Press} label="copy: ${text}" onPress=${() => navigator.clipboard.writeText(text)}>copy<//></p>`)}
    <p><a href="/problems">All problems</a>, <a href="/openapi.json">the control API</a>, <a href="/behaviours">all behaviours</a></p></div></div>`;
}
