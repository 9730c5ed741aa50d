import { describeRealCt } from '../realCt';

describeRealCt('wholebody-ffs-jpegls', 'JPEG-LS, feet first');
