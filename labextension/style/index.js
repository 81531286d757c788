import './base.css';
import './packages.css';
import './cell.css';
import './shell.css';
