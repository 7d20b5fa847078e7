// Snapshots of everything: one is taken, one is brought back, and so is the seeded start.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { readAgain } from "./feed.js";
import { dayTime } from "./formats.js";
import { control } from "./http.js";
import { Choice, Field, Press, useFields } from "./widgets.js";

export function Snapshots() {
  const [{ snapshot, chosen }, of] = useFields({ snapshot: "" });
  const [taken, setTaken] = useState([]);
  useEffect(() => readAgain(["snapshot"], async () => setTaken(await control.get("/snapshots"))), []);
  const from = chosen ?? taken[0]?.name;
  // What the page shows was read before the restore, so it is loaded anew.
  const back = (path) => control.post(path).then(() => location.reload());
  return html`<div class="row" role="group" aria-label="Snapshots"><b>Everything</b>
    <${Field} label="Name (a-z, 0-9, -)" ...${of("snapshot")} />
    <${Press} name="take" disabled=${!snapshot} onPress=${() => control.post(`/snapshots/${encodeURIComponent(snapshot)}`)}>snapshot<//>
    ${taken.length > 0 && html`<${Choice} label="Snapshot" ...${of("chosen")} value=${from} options=${taken.map((item) => [item.name, `${item.name}, ${item.error ?? dayTime(item.taken_at)}`])} />
      <${Press} name="restore" onPress=${() => back(`/snapshots/${from}/restore`)}>restore<//>`}
    <${Press} name="reset" onPress=${() => back("/reset")}>reset to the start<//></div>`;
}
