import { z } from 'zod';
import { identifier, newPremises } from '../../accounts/account-fields.ts';
import { registerMeterPoint } from '../../accounts/change-meter-point.ts';
import { href } from '../../http/href.ts';
import { Refusal } from '../../kernel/errors.ts';
import { parseZone } from '../../units/time.ts';
import { readForm } from '../form.ts';
import { premisesFields } from '../meter-point-forms.ts';
import type { AdminPage } from '../page.ts';

const url = '/admin/new-meter-point';
const parent = '/admin/meter-points';
const fields = z.strictObject({ identifier, zone: z.string(), ...newPremises });

/** Registers a meter point (P0-04). */
export const newMeterPointPage: AdminPage = {
  url,
  title: 'New meter point',
  view: 'form-page',
  parent,
  role: 'operator',
  load: ({ query }, deps) => ({
    parentTitle: 'Meter points',
    lede: 'Where supply is measured. Registers and channels come with the first reading or file.',
    form: {
      ...{ name: 'register', url: `${url}/register`, button: 'Register' },
      fields: [
        {
          name: 'identifier',
          label: 'Identifier',
          required: true,
          value: (query.get('identifier') ?? '').slice(0, 100),
          hint: 'NMI, MPAN, or what the meter calls itself.',
        },
        {
          name: 'zone',
          label: 'Time zone',
          required: true,
          value: deps.zone,
          hint: 'It decides what a day is, and stays.',
        },
        ...premisesFields(deps),
      ],
    },
  }),
  actions: {
    register: {
      role: 'operator',
      act({ form, user, now }, deps) {
        const { zone: name, ...facts } = readForm(fields, form);
        const zone = parseZone(name);
        if (!zone) {
          const message = `"${name}" is not a zone such as Australia/Adelaide`;
          throw new Refusal('body-invalid', message, [{ pointer: '/zone', message }]);
        }
        const by = { who: `user:${user.name}`, at: now };
        const added = registerMeterPoint(deps, { ...facts, zone, origin: 'registered' }, [], by);
        return { to: href(parent, [added.identifier]) };
      },
    },
  },
};
