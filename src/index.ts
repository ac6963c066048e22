import './functions/pullAlerts.ts';
import './functions/deliverAlerts.ts';
