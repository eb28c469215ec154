import { jack } from './hosts.ts';
import { shownOn } from './shown.ts';

shownOn(jack);
