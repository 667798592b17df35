// A page of another site with as much of a browser as embed.js needs; prints what became of it.
//
// node page.mjs SERVER PLACEMENT…: a placement is CAMPAIGN, CAMPAIGN:COUNT or CAMPAIGN:COUNT:SIZES. The page has the script
// twice, as pages do. Banners of the first placement stay in view, those of others go at once.
import vm from "node:vm";

const [server, ...wanted] = process.argv.slice(2);
const script = await (await fetch(`${server}/embed.js`)).text();
const requests = [];
const warnings = [];
const timers = new Set();
const observers = new Map();
const listeners = new Set();

class Element {
  dataset = {};
  children = [];
  childNodes = [];
  style = {};
  loads = [];
  replaceChildren(...children) { this.children = children; }
  append(child) { this.children.push(child); }
  addEventListener(what, listener) { if (what === "load") this.loads.push(listener); }
  dispatchEvent() {}
}
class IntersectionObserver {
  constructor(changed) { this.changed = changed; }
  observe(image) { observers.set(this.image = image, this); }
  disconnect() { observers.delete(this.image); }
}
const places = wanted.map((it) => {
  const [bamsCampaign, bamsCount, bamsSize] = it.split(":");
  const dataset = { bamsCampaign, ...(bamsCount && { bamsCount }), ...(bamsSize && { bamsSize }) };
  return Object.assign(new Element(), { dataset });
});
const document = {
  currentScript: { src: `${server}/embed.js`, dataset: {} },
  readyState: "complete",
  hidden: false,
  body: new Element(),
  querySelector: () => null,
  createElement: () => new Element(),
  querySelectorAll: (selector) =>
    selector.startsWith("[data-bams-campaign]") ? places.filter((it) => !("bamsReason" in it.dataset)) : [],
  addEventListener: (_, listener) => listeners.add(listener),
  removeEventListener: (_, listener) => listeners.delete(listener),
};
const page = {
  document,
  location: { origin: "https://shop.example" },
  URL,
  Image: Element,
  CustomEvent: class {},
  IntersectionObserver,
  console: { warn: (text) => warnings.push(text) },
  fetch: async (url, options = {}) => {
    requests.push(`${options.method || "GET"} ${new URL(url).pathname}`);
    const answer = await fetch(url, options);
    if (!process.env.IMAGE_URL || !options.method) return answer;
    // A server that somebody else took over.
    const body = JSON.parse((await answer.text()).replace(/"image_url":"[^"]*"/g, `"image_url":"${process.env.IMAGE_URL}"`));
    return { ok: true, headers: answer.headers, json: async () => body };
  },
  setTimeout: (run, milliseconds, ...values) => {
    const timer = { run: () => run(...values), milliseconds };
    timers.add(timer);
    return timer;
  },
  clearTimeout: (timer) => timers.delete(timer),
};
page.window = page;

const settle = () => new Promise((resolve) => setTimeout(resolve, 50));
const until = async (met) => { for (let turn = 0; turn < 200 && !met(); turn += 1) await settle(); };
const pass = (milliseconds) => {
  for (const timer of [...timers]) {
    if (timer.milliseconds <= milliseconds && timers.delete(timer)) timer.run();
  }
};

vm.runInNewContext(script, page);
vm.runInNewContext(script, page);
await until(() => warnings.length || places.every((it) => "bamsReason" in it.dataset));
await settle();

const images = places.map((it) => it.children.map((child) => child.children[0] || child));
for (const image of images.flat()) image.loads.forEach((it) => it());
const show = (image, ...ratios) =>
  observers.get(image)?.changed(ratios.map((intersectionRatio) => ({ target: image, intersectionRatio })));
const change = (hidden) => { document.hidden = hidden; listeners.forEach((it) => it()); };
images.flat().forEach((it) => show(it, 0.2, 0.5));
change(true);
pass(1000);
change(false);
images.slice(1).flat().forEach((it) => show(it, 0.49));
pass(999);
const early = requests.filter((it) => it.includes("/t/i/")).length;
pass(1000);
images.flat().forEach((it) => show(it, 0, 1));
images.slice(1).flat().forEach((it) => show(it, 0));
pass(1000);
await settle();

const seen = (element) => (({ src, alt, width, height, href, target, rel }) =>
  ({ src, alt, width, height, href, target, rel }))({ ...element.children[0], ...element });
console.log(JSON.stringify({
  requests,
  early,
  warnings,
  places: places.map(({ dataset, children }) => ({ reason: dataset.bamsReason, banners: children.map(seen) })),
}));
