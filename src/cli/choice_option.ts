import { InvalidArgumentError, Option } from 'commander';
import { proposal, shown } from '../../layers/known_names.js';

/** An option that takes one of several values; of a misspelt one the nearest is proposed. */
export class ChoiceOption extends Option {
  override choices(values: readonly string[]): this {
    return super.choices(values).argParser((text) => {
      if (!values.includes(text)) {
        throw new InvalidArgumentError(
          `Allowed choices are ${values.join(', ')}. Received: ${shown(text)}.${proposal(text, values)}`,
        );
      }
      return text;
    });
  }
}
