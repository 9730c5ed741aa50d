import { describeRealCt } from './realCt';

describeRealCt('tcga-coad', 'uncompressed');
