// Buttons, fields, choices and tables, which all panels use.
import { html, useState } from "./vendor/htm-preact.js";

// A button that is disabled while its call runs, and says why a call was refused.
export function Press({ name, onPress, disabled, pressed, label, children }) {
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  async function press() {
    setBusy(true);
    setWrong("");
    try {
      await onPress();
    } catch (error) {
      setWrong(error.message);
    }
    setBusy(false);
  }
  return html`<button type="button" name=${name} aria-label=${label} aria-pressed=${pressed === undefined ? undefined : String(pressed)}
      aria-busy=${isBusy} disabled=${disabled || isBusy} onClick=${press}>${children}</button
    >${wrong && html`<span class="wrong" role="alert">${wrong}</span>`}`;
}

export function Field({ label, name, value, onInput, type = "text", ...more }) {
  return html`<label class="field"><span>${label}</span>
    <input name=${name} type=${type} value=${value} onInput=${(event) => onInput(event.target.value)} autocomplete="off" ...${more} /></label>`;
}

// A choice of [value, text] pairs.
export function Choice({ label, name, value, onChange, options }) {
  return html`<label class="field"><span>${label}</span>
    <select name=${name} value=${value} onChange=${(event) => onChange(event.target.value)}>
      ${options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
    </select></label>`;
}

// Rows of cells under their headings.
export function Table({ caption, heads, rows }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}><table><caption>${caption}</caption>
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}
      ${!rows.length && html`<tr><td colspan=${heads.length}>none</td></tr>`}</tbody></table></div>`;
}
