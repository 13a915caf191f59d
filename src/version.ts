/** Version of this package, as package.json has it: a browser cannot read that file. */
export const VERSION = '0.1.0';
