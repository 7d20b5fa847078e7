// The sandbox's clock, and what turns it forward.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { readAgain, readCabinets, readClock } from "./feed.js";
import { dayTime, fieldTime, fromFieldTime } from "./formats.js";
import { control } from "./http.js";
import { change, useStore } from "./store.js";
import { Choice, Field, Press, useFields } from "./widgets.js";

const SPANS = [["+5 min", 300], ["+1 h", 3600], ["+1 day", 86400]];
const STEPS = [["", "at once"], ["60", "each minute"], ["300", "each 5 minutes"], ["3600", "each hour"]];

// The clock goes forward by a span or to a time, at once or in steps after each of which schedules run.
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
  const [{ to, step }, of] = useFields({ step: "" });
  const shown = to ?? fieldTime(now);
  const turn = () => advance({ to: fromFieldTime(shown), ...(step ? { step: Number(step) } : {}) });
  return html`<details><summary>to a time</summary><div class="row">
    <${Field} label="Time in Kathmandu" type="datetime-local" ...${of("to")} value=${shown} />
    <${Choice} label="Schedules run" ...${of("step")} options=${STEPS} />
    <${Press} name="advance-to" onPress=${turn}>turn<//></div></details>`;
}
