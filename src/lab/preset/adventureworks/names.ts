/** Words the sample rows are put together from. */

/** Countries with the cities that customers live in. */
export const COUNTRIES: readonly {
  readonly code: string;
  readonly name: string;
  readonly cities: readonly string[];
}[] = [
  { code: 'AT', name: 'Austria', cities: ['Wien', 'Graz', 'Linz'] },
  { code: 'AU', name: 'Australia', cities: ['Sydney', 'Perth', 'Hobart'] },
  { code: 'BR', name: 'Brazil', cities: ['São Paulo', 'Recife', 'Brasília'] },
  { code: 'CA', name: 'Canada', cities: ['Toronto', 'Montréal', 'Calgary'] },
  { code: 'CZ', name: 'Czechia', cities: ['Praha', 'Brno', 'Plzeň'] },
  { code: 'DE', name: 'Germany', cities: ['Berlin', 'Köln', 'München', 'Leipzig'] },
  { code: 'ES', name: 'Spain', cities: ['Madrid', 'Málaga', 'Bilbao'] },
  { code: 'FR', name: 'France', cities: ['Paris', 'Lyon', 'Orléans'] },
  { code: 'GB', name: 'United Kingdom', cities: ['London', 'Leeds', 'Cardiff'] },
  { code: 'JP', name: 'Japan', cities: ['東京', '大阪', '札幌'] },
  { code: 'NL', name: 'Netherlands', cities: ['Utrecht', 'Delft', 'Zwolle'] },
  { code: 'US', name: 'United States', cities: ['Seattle', 'Boston', 'Denver', 'Austin'] },
];

/** Given names. */
export const GIVEN_NAMES: readonly string[] = [
  'Ana',
  'Bruno',
  'Chloé',
  'Dmitri',
  'Elena',
  'Farid',
  'Grace',
  'Håkon',
  'Ines',
  'Jakub',
  'Keiko',
  'Liam',
  'Mira',
  'Noah',
  'Olga',
  'Pablo',
  'Quinn',
  'Rosa',
  'Sven',
  'Tomáš',
  'Uma',
  'Vera',
  'Wout',
  'Ximena',
  'Yusuf',
  'Zoë',
  'André',
  'Birgit',
  'Carmen',
  'Daniel',
];

/** Family names; the apostrophe is there on purpose. */
export const FAMILY_NAMES: readonly string[] = [
  'Almeida',
  'Bauer',
  'Costa',
  'Dvořák',
  'Eriksson',
  'Fischer',
  'García',
  'Hughes',
  'Ito',
  'Jansen',
  'Kowalski',
  'Lefèvre',
  'Müller',
  'Novák',
  "O'Brien",
  'Petrov',
  'Quiroga',
  'Rossi',
  'Schmidt',
  'Tanaka',
  'Urban',
  'Vogel',
  'Weber',
  'Xu',
  'Yılmaz',
  'Zeman',
  'van Dijk',
  'Smith',
  'Nguyen',
  'Khan',
];

/** Product categories. */
export const CATEGORIES: readonly string[] = [
  'Road bikes',
  'Mountain bikes',
  'Touring bikes',
  'City bikes',
  'Frames',
  'Forks',
  'Wheels',
  'Tyres',
  'Brakes',
  'Drivetrain',
  'Saddles',
  'Handlebars',
  'Lights',
  'Locks',
  'Pumps',
  'Helmets',
  'Gloves',
  'Jerseys',
  'Bottles',
  'Tools',
];

/** First words of product names. */
export const MODELS: readonly string[] = [
  'Alpine',
  'Boulder',
  'Comet',
  'Delta',
  'Ember',
  'Falcon',
  'Glacier',
  'Harbor',
  'Ibex',
  'Jet',
  'Kestrel',
  'Lynx',
  'Meteor',
  'Nomad',
  'Orion',
  'Pioneer',
  'Quest',
  'Ranger',
  'Summit',
  'Tempest',
];

/** Last words of product names. */
export const VARIANTS: readonly string[] = [
  '100',
  '200',
  '300',
  'Classic',
  'Comfort',
  'Junior',
  'Light',
  'Pro',
  'Sport',
  'XL',
];

/** Cities of the warehouses, with their country. */
export const WAREHOUSES: readonly { readonly city: string; readonly country: string }[] = [
  { city: 'Rotterdam', country: 'NL' },
  { city: 'Leipzig', country: 'DE' },
  { city: 'Denver', country: 'US' },
  { city: 'Brno', country: 'CZ' },
];

/** Notes on orders. */
export const NOTES: readonly string[] = [
  'Leave with the neighbour',
  'Call before delivery',
  'Gift: no invoice in the box',
  'Ring twice',
  'Deliver to the workshop entrance',
  "Customer's own courier",
];
