import { guest } from './hosts.ts';
import { shownOn } from './shown.ts';

shownOn(guest);
