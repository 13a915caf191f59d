/** Text that is HTML already, made by {@link html} or {@link rawHtml} only. */
export class Html {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template of {@link html}. */
export type HtmlPart = Html | string | number | readonly HtmlPart[] | undefined;

/**
 * A template whose values are escaped, unless they are HTML themselves; lists are joined, undefined is nothing.
 *
 * ```js
 * String(html`<b>${'a < b'}</b>`); // <b>a &lt; b</b>
 * ```
 */
export function html(strings: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  return new Html(strings.reduce((text, piece, index) => text + write(parts[index - 1]) + piece));
}

/** Markup from a trusted maker (a chart, the page's own style), taken as it is. */
export function rawHtml(text: string): Html {
  return new Html(text);
}

/** Escapes text for elements and quoted attributes alike. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

function write(part: HtmlPart): string {
  if (part === undefined) {
    return '';
  }
  return Array.isArray(part)
    ? part.map(write).join('')
    : part instanceof Html
      ? part.toString()
      : escapeHtml(String(part));
}
