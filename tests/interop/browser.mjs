// A person at a browser: follows redirects, keeps cookies, signs in, allows what is asked, and comes back with the address
// at which the client is reached. No library does this without a real browser.

const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#34;': '"', '&#39;': "'", '&quot;': '"' };
const unescape = (text) => text.replace(/&(amp|lt|gt|quot|#34|#39);/g, (entity) => entities[entity]);
const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return found && unescape(found[1]);
};

export const USER = { email: 'user@acme.example', password: 'harbor-user' };
export const ADMIN = { email: 'admin@acme.example', password: 'harbor-admin' };

export class Browser {
  #cookies = new Map();

  constructor(person = USER) {
    this.person = person;
  }

  async open(url, options = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
    return response;
  }

  /** Go from `start` until the browser is sent to `target`; `answers` are what the person types and presses. */
  async visit(start, target, answers = {}) {
    let address = new URL(start);
    let response = await this.open(address);
    for (let step = 0; step < 12; step += 1) {
      const location = response.headers.get('location');
      if (location !== null) {
        address = new URL(location, address);
        if (address.href.startsWith(target)) return address;
        response = await this.open(address);
        continue;
      }
      const page = await response.text();
      const form = this.#fill(page, answers);
      if (form === null) throw new Error(`no form to go on with at ${address.pathname}: ${response.status} ${page}`);
      address = new URL(form.action || address, address);
      response = await this.open(address, { method: 'POST', body: form.fields });
    }
    throw new Error(`the browser did not arrive at ${target}; it is at ${address}`);
  }

  /** Approve a device: sign in where asked, and press what has to be pressed until a page has no decision any more. */
  async approve(start) {
    let address = new URL(start);
    let response = await this.open(address);
    for (let step = 0; step < 12; step += 1) {
      const location = response.headers.get('location');
      if (location !== null) {
        address = new URL(location, address);
        response = await this.open(address);
        continue;
      }
      const page = await response.text();
      const form = this.#fill(page, {});
      if (form === null) return page;
      address = new URL(form.action || address, address);
      response = await this.open(address, { method: 'POST', body: form.fields });
    }
    throw new Error(`the device was not approved; the browser is at ${address}`);
  }

  #fill(page, answers) {
    const found = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(page);
    if (found === null) return null;
    const typed = { ...this.person, decision: 'allow', ...answers };
    const fields = new URLSearchParams();
    for (const [tag] of found[2].matchAll(/<input\b[^>]*>/g)) {
      const name = attribute(tag, 'name');
      if (name) fields.set(name, typed[name] ?? attribute(tag, 'value') ?? '');
    }
    if (/<button\b[^>]*\sname="decision"/.test(found[2])) fields.set('decision', typed.decision);
    return { action: attribute(` ${found[1]}`, 'action'), fields };
  }
}
