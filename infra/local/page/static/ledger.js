// The ledger: accounts, payments, and the money of each account over time.
import { clockTime, control, dayTime, html, rupees, Table, useEffect, useRead, useRef } from "./parts.js";

const COLOURS = ["#2f8fc0", "#d0702f", "#4c9a50", "#9a66c0", "#d0506c", "#9a9a20"];
const PLOTTED = 6;
const DAY_SECONDS = 86400;

export function Ledger() {
  const [[accounts, postings, payments]] = useRead(["posting", "clock"], () => Promise.all(["/accounts", "/postings", "/payments"].map(control.get)), [[], [], []]);
  const money = ({ unit }, value) => (unit === "points" ? `${value} points` : rupees(value));
  return html`<${Plot} postings=${postings} />
    <div class="columns wide">
    <${Table} caption="Accounts" heads=${["account", "balance"]} rows=${accounts.map((item) => [item.account, money(item, item.balance)])} />
    <${Table} caption="Payments at the gateways" heads=${["gateway", "amount", "state", "reference"]}
      rows=${payments.slice(0, 50).map((item) => [item.gateway, rupees(item.amount_paisa), item.state, item.reference])} />
    <${Table} caption="Postings, the newest first" heads=${["at", "kind", "of user", "legs"]}
      rows=${[...postings].sort(byTime).reverse().slice(0, 50).map((item) => [dayTime(item.at), item.kind, `${item.user_id.slice(-6)} #${item.seq}`, item.legs.map((leg) => `${leg.account} ${money(leg, leg.amount)}`).join(", ")])} />
  </div>`;
}

function byTime(one, other) {
  return new Date(one.at) - new Date(other.at) || one.seq - other.seq;
}

// uPlot's columns: times in seconds, then the running balance of each account in rupees.
function columns(postings) {
  const balances = new Map();
  const [times, lines] = [[], new Map()];
  for (const posting of [...postings].sort(byTime)) {
    times.push(new Date(posting.at).getTime() / 1000);
    for (const leg of posting.legs.filter((item) => item.unit === "paisa")) {
      balances.set(leg.account, (balances.get(leg.account) ?? 0) + leg.amount);
      if (!lines.has(leg.account)) lines.set(leg.account, []);
    }
    for (const [account, line] of lines) {
      while (line.length < times.length - 1) line.push(0);
      line.push(balances.get(account) / 100);
    }
  }
  const accounts = [...lines.keys()].slice(0, PLOTTED);
  return { accounts, data: [times, ...accounts.map((account) => lines.get(account))] };
}

function Plot({ postings }) {
  const place = useRef(null);
  useEffect(() => {
    const { accounts, data } = columns(postings);
    if (!place.current || data[0].length < 2) return undefined;
    const ink = getComputedStyle(document.body).color;
    const axis = { stroke: ink, grid: { stroke: "#8884" } };
    const [first, last] = [data[0][0], data[0][data[0].length - 1]];
    const text = (seconds) => (last - first < DAY_SECONDS ? clockTime : dayTime)(seconds * 1000);
    const size = () => ({ width: Math.min(1100, place.current.clientWidth), height: 240 });
    const plot = new uPlot(
      {
        ...size(),
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Asia/Kathmandu"),
        axes: [{ ...axis, space: 110, values: (_, ticks) => ticks.map(text) }, { ...axis, size: 64 }],
        series: [{ label: "Time", value: (_, seconds) => (seconds ? dayTime(seconds * 1000) : "") }, ...accounts.map((label, index) => ({ label, stroke: COLOURS[index], width: 2, paths: uPlot.paths.stepped({ align: 1 }) }))],
      },
      data,
      place.current,
    );
    // A phone is turned, a window is made narrow.
    const watch = new ResizeObserver(() => plot.setSize(size()));
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [postings]);
  return html`<figure><figcaption>Money over time, in rupees</figcaption><div class="plot" ref=${place}></div></figure>`;
}
