// The city: stations on a map, their slots, and what makes a cabinet fail.
import { change, control, html, Press, readAgain, readCabinets, stationName, useEffect, useRef, useStore } from "./parts.js";

const WIDTH = 480;
const HEIGHT = 190;
const EDGE = 34;
const GAP = 24;
const APART = 300;
const GLOW_MS = 3000;
const FAULTS = [
  ["jam", "fail", "the cabinet reports a failed eject"],
  ["silent", "silent", "the cabinet ejects and never answers"],
  ["late", "late_seconds", "answers come a minute late"],
  ["offline", null, "the cabinet sends and receives nothing"],
  ["wrong", "wrong_slot", "another power bank comes out"],
];

function isMisbehaving({ behaviour }, eject) {
  if (!eject) return !behaviour.online;
  return eject === "late_seconds" ? behaviour.late_seconds > 0 : behaviour.eject.startsWith(eject);
}

const banksIn = ({ slots }) => slots.filter((slot) => slot.powerbank_sn).length;

export function City() {
  const { cabinets } = useStore();
  useEffect(() => readAgain(["frame", "command", "clock"], readCabinets), []);
  return html`<section class="panel city" aria-labelledby="city-title">
    <h2 id="city-title">City</h2>
    <${Plan} cabinets=${cabinets} />
    <div class="stations">${cabinets.map((cabinet) => html`<${Station} key=${cabinet.imei} cabinet=${cabinet} />`)}</div>
  </section>`;
}

function places(cabinets) {
  const placed = cabinets.filter((item) => item.latitude !== undefined);
  const scaled = (cabinet, name, length) => {
    const all = placed.map((item) => item[name]);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    return high > low ? EDGE + ((cabinet[name] - low) / (high - low)) * (length - 2 * EDGE) : length / 2;
  };
  const dots = placed.map((cabinet) => ({ cabinet, x: scaled(cabinet, "longitude", WIDTH), y: HEIGHT - scaled(cabinet, "latitude", HEIGHT) }));
  // Stations of one town are drawn apart, so that each can be read.
  dots.sort((one, other) => one.y - other.y);
  dots.forEach((dot, index) => {
    for (const above of dots.slice(0, index)) {
      if (Math.abs(above.x - dot.x) < APART && Math.abs(dot.y - above.y) < GAP) dot.y = above.y + GAP;
    }
  });
  return dots;
}

function Plan({ cabinets }) {
  const { station } = useStore();
  const dots = places(cabinets);
  if (!dots.length) return null;
  return html`<svg class="map" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Map of the stations">
    ${dots.map(({ cabinet, x, y }) => {
      const isRight = x > WIDTH * 0.6;
      return html`<g key=${cabinet.imei} class=${cabinet.online ? "online" : "offline"} onClick=${() => change({ station: cabinet.sn })}>
        <circle cx=${x} cy=${y} r=${cabinet.sn === station ? 9 : 7} />
        <text x=${isRight ? x - 14 : x + 14} y=${y + 4} text-anchor=${isRight ? "end" : "start"}>${stationName(cabinet)} ${banksIn(cabinet)}/${cabinet.slots.length}</text>
      </g>`;
    })}
  </svg>`;
}

function Station({ cabinet }) {
  const { station } = useStore();
  const banks = banksIn(cabinet);
  const isChosen = cabinet.sn === station;
  return html`<article class=${isChosen ? "station chosen" : "station"} data-sn=${cabinet.sn} aria-label=${stationName(cabinet)}>
    <h3>${stationName(cabinet)}${" "}<small>${cabinet.online ? "online" : "offline"}, ${banks} banks, ${cabinet.slots.length - banks} free</small></h3>
    <${Slots} cabinet=${cabinet} />
    <div class="row">
      <button type="button" name="stand" aria-pressed=${String(isChosen)} onClick=${() => change({ station: cabinet.sn })}>stand here</button>
      <${Press} name="report" label="report: the cabinet sends a snapshot of its slots" onPress=${() => control.post(`/cabinets/${cabinet.imei}/snapshot`)}>report<//>
      ${FAULTS.map(([name, eject, meaning]) => {
        const isOn = isMisbehaving(cabinet, eject);
        const orders = eject ? { eject: isOn ? "ok" : eject } : { online: isOn };
        return html`<span key=${name} title=${meaning}><${Press} name=${name} pressed=${isOn} label="${name}: ${meaning}"
          onPress=${() => control.post(`/cabinets/${cabinet.imei}/behaviour`, orders).then(readCabinets)}>${name}<//></span>`;
      })}
    </div>
  </article>`;
}

function Slots({ cabinet }) {
  const seen = useRef(new Map()).current;
  for (const { slot_number: number, powerbank_sn: sn } of cabinet.slots) {
    const last = seen.get(number);
    if (!last || last.sn !== sn) seen.set(number, { sn, at: last ? Date.now() : 0 });
  }
  const width = cabinet.slots.length * 40;
  const listed = cabinet.slots.map((slot) => `slot ${slot.slot_number}: ${slot.powerbank_sn ? `${slot.battery_level} %` : "empty"}`).join(", ");
  return html`<svg class="slots" viewBox="0 0 ${Math.max(width, 320)} 44" role="img" aria-label=${listed}>
    ${cabinet.slots.map((slot, index) => {
      const level = slot.powerbank_sn ? slot.battery_level : 0;
      const height = (36 * level) / 100;
      const isNew = Date.now() - seen.get(slot.slot_number).at < GLOW_MS;
      return html`<g key=${`${slot.slot_number}:${slot.powerbank_sn}`} class=${isNew ? "glow" : ""} transform="translate(${index * 40} 2)">
        <rect class="slot" x="2" width="36" height="40" rx="5" />
        <rect class=${level < 20 ? "charge low" : "charge"} x="4" y=${38 - height} width="32" height=${height} rx="4" />
        <text x="20" y="25" text-anchor="middle">${slot.powerbank_sn ? slot.battery_level : "·"}</text>
        ${slot.powerbank_sn && html`<title>${slot.powerbank_sn}</title>`}
      </g>`;
    })}
  </svg>`;
}
