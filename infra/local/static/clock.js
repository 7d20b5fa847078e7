// The clock: forward by a span or to a time, at once or in steps after each of which schedules run.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { readAgain, readCabinets, readClock } from "./feed.js";
import { dayTime, fieldTime, fromFieldTime } from "./formats.js";
import { control } from "./http.js";
import { change, useStore } from "./store.js";
import { Choice, Field, Press } from "./widgets.js";

const SPANS = [["+5 min", 300], ["+1 h", 3600], ["+1 day", 86400]];
const STEPS = [["", "at once"], ["60", "each minute"], ["300", "each 5 minutes"], ["3600", "each hour"]];

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
  const [to, setTo] = useState(null);
  const [step, setStep] = useState("");
  const turn = () => advance({ to: fromFieldTime(to ?? fieldTime(now)), ...(step ? { step: Number(step) } : {}) });
  return html`<details><summary>to a time</summary><div class="row">
    <${Field} label="Time in Kathmandu" name="to" type="datetime-local" value=${to ?? fieldTime(now)} onInput=${setTo} />
    <${Choice} label="Schedules run" name="step" value=${step} onChange=${setStep} options=${STEPS} />
    <${Press} name="advance-to" onPress=${turn}>turn<//></div></details>`;
}
