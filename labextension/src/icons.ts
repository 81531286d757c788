import { LabIcon } from '@jupyterlab/ui-components';
import headstartSvg from '../style/icons/headstart.svg';

/** Headstart's own icon. */
export const headstartIcon = new LabIcon({
  name: 'headstart:icon',
  svgstr: headstartSvg
});
