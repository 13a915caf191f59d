import { HTML_ENTITIES } from 'ftfy-js/chardata';
import { unescape_html as unescapeWhole } from 'ftfy-js/fixes';

/** Names that HTML reads without their semicolon too. */
const OPEN_NAMES = new Set(
  (
    'AElig AMP Aacute Acirc Agrave Aring Atilde Auml COPY Ccedil ETH Eacute Ecirc Egrave Euml GT Iacute Icirc Igrave ' +
    'Iuml LT Ntilde Oacute Ocirc Ograve Oslash Otilde Ouml QUOT REG THORN Uacute Ucirc Ugrave Uuml Yacute aacute ' +
    'acirc acute aelig agrave amp aring atilde auml brvbar ccedil cedil cent copy curren deg divide eacute ecirc ' +
    'egrave eth euml frac12 frac14 frac34 gt iacute icirc iexcl igrave iquest iuml laquo lt macr micro middot nbsp ' +
    'not ntilde oacute ocirc ograve ordf ordm oslash otilde ouml para plusmn pound quot raquo reg sect shy sup1 sup2 ' +
    'sup3 szlig thorn times uacute ucirc ugrave uml uuml yacute yen yuml'
  ).split(' '),
);

/** The only names of HTML in capitals throughout; ftfy's table holds more, which it invents. */
const CAPITAL_NAMES = new Set('AMP COPY DD ENG ETH GT LT QUOT REG THORN TRADE'.split(' '));

const REFERENCE = /&(?:#(?<decimal>[0-9]+);?|#[xX](?<hexadecimal>[0-9a-fA-F]+);?|(?<name>[^\t\n\f <&#;]{1,32};?))/gu;

/** Python's `html.unescape`: character references of HTML 5, numeric and named, with or without semicolon. */
export function unescapeHtml(text: string): string {
  return text.replace(REFERENCE, (reference: string, ...rest: unknown[]) => {
    const { decimal, hexadecimal, name } = rest.at(-1) as Record<string, string | undefined>;
    if (name !== undefined) {
      return named(name) ?? longestName(name) ?? reference;
    }
    return numbered(decimal === undefined ? Number.parseInt(hexadecimal as string, 16) : Number.parseInt(decimal, 10));
  });
}

function named(name: string): string | undefined {
  if (!name.endsWith(';')) {
    return OPEN_NAMES.has(name) ? HTML_ENTITIES[`&${name};`] : undefined;
  }
  const invented = name === name.toUpperCase() && name !== name.toLowerCase() && !CAPITAL_NAMES.has(name.slice(0, -1));
  return invented ? undefined : HTML_ENTITIES[`&${name}`];
}

/** What begins with a name that needs no semicolon, as `&notit;` does: the longest such name. */
function longestName(name: string): string | undefined {
  for (let length = name.length - 1; length > 1; length--) {
    const value = named(name.slice(0, length));
    if (value !== undefined) {
      return value + name.slice(length);
    }
  }
  return undefined;
}

/** ftfy knows HTML's rules for numbers that are no characters, but leaves the semicolon's own reference alone. */
function numbered(code: number): string {
  return code === 0x3b ? ';' : unescapeWhole(`&#${Math.min(code, 0x110000)};`);
}
