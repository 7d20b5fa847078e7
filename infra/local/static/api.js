// The API: every call of the service, tried on a page of its own that stands inside this one.
import { html } from "./vendor/htm-preact.js";

export function Api() {
  return html`<p><a href="/docs" target="_blank">On a page of its own</a>; calls are made with the phone's token.</p>
    <iframe class="api" title="Every call of the API" src="/docs"></iframe>`;
}
