// What panels are made of: buttons, fields, choices and tables.
import { html, useRef, useState } from "./vendor/htm-preact.js";
import { state, useStore } from "./store.js";

// A button that takes no second press while its call runs, keeps the focus, and says what was `done` or why it was refused.
export function Press({ name, onPress, disabled, pressed, label, done = "", children }) {
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const [said, say] = useState("");
  const running = useRef(false);
  async function press({ target }) {
    if (running.current) return;
    const panel = target.closest("section");
    running.current = true;
    setBusy(true);
    setWrong("");
    say("");
    try {
      await onPress();
      say(done);
    } catch (error) {
      setWrong(error.message);
    }
    running.current = false;
    setBusy(false);
    requestAnimationFrame(() => {
      // The press may have brought another step, without this button; the focus stays near.
      if (target.isConnected || document.activeElement !== document.body) return;
      panel.tabIndex = -1;
      panel.focus();
    });
  }
  return html`<button type="button" name=${name} aria-label=${label} aria-pressed=${pressed === undefined ? undefined : String(pressed)}
      aria-busy=${isBusy} disabled=${disabled} onClick=${press}>${children}</button
    >${wrong && html`<span class="wrong" role="alert">${wrong}</span>`}${said && html`<small role="status">${said}</small>`}`;
}

// A button whose press asks first what is lost. The dialog is the browser's: it holds the focus, and Escape closes it.
export function AskingPress({ name, question, onPress, children }) {
  const dialog = useRef(null);
  return html`<button type="button" name=${name} onClick=${() => dialog.current.showModal()}>${children}</button>
    <dialog ref=${dialog} aria-label=${question}><p>${question}</p><form method="dialog" class="row">
      <button name="no">no, go back</button><${Press} name="yes-${name}" onPress=${onPress}>yes, ${children}<//></form></dialog>`;
}

// The entered values by name, and what a field or a choice of such a name needs.
export function useFields(first) {
  const [values, setValues] = useState(first);
  return [values, (name) => ({ name, value: values[name], onInput: (value) => setValues((now) => ({ ...now, [name]: value })) })];
}

export function Field({ label, name, value, onInput, type = "text", ...more }) {
  return html`<label class="field"><span>${label}</span>
    <input name=${name} type=${type} value=${value} onInput=${(event) => onInput(event.target.value)} autocomplete="off" ...${more} /></label>`;
}

// A choice of values, or of [value, text] pairs.
export function Choice({ label, name, value, onInput, options }) {
  return html`<label class="field"><span>${label}</span>
    <select name=${name} value=${value} onChange=${(event) => onInput(event.target.value)}>
      ${options.map((item) => (Array.isArray(item) ? item : [item, item])).map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
    </select></label>`;
}

// A cabinet that the operator took out of service has no station's name any more.
export const stationName = (cabinet) => cabinet?.station_name ?? cabinet?.sn;

// The cabinet of a serial number, or the first one.
export const cabinetOf = (sn) => state.cabinets.find((item) => item.sn === sn) ?? state.cabinets[0];

export function StationChoice({ value, ...more }) {
  const { cabinets } = useStore();
  return html`<${Choice} label="Station" ...${more} value=${cabinetOf(value)?.sn} options=${cabinets.map((item) => [item.sn, stationName(item)])} />`;
}

// All that is known, as JSON, which can be scrolled by keyboard too.
export const Json = ({ of, ...more }) => html`<pre tabindex="0" ...${more}>${JSON.stringify(of, null, 1)}</pre>`;

// Rows of cells under their headings.
export function Table({ caption, heads, rows }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}><table><caption>${caption}</caption>
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}
      ${!rows.length && html`<tr><td colspan=${heads.length}>nothing yet</td></tr>`}</tbody></table></div>`;
}
