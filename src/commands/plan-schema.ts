import { planSchema } from '../tariffs/plan-schema.ts';
import { type Command, exitCodes } from './command.ts';

export const planSchemaCommand: Command = {
  name: 'plan schema',
  operands: '',
  summary: 'Prints the JSON Schema of plan documents, for editors and other programs.',
  optionHelp: [],
  options: {},
  run: async ({ print }) => {
    print(JSON.stringify(planSchema(), null, 2));
    return exitCodes.ok;
  },
};
