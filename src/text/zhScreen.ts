import type { enScreen } from './enScreen';

/** The texts beside the panel, in Simplified Chinese. The rest is in `zh.ts`. */
export const zhScreen: Readonly<Record<keyof typeof enScreen, string>> = {
  'button.found': '已找到 L3。再次查找',
  'button.undetermined': '无法确定 L3：请查看面板。再次查找',
  'button.refused': '无法查找该序列：请查看面板。重试',
  'button.failed': '查找未完成：请查看面板。重试',
  'button.withKey': '{text}（{key}）',
  'news.open': '打开面板',
  'news.found': '已找到 L3（{percent}）。请查看后在面板中确认。',
  'layout.review': '核对 L3',
  'layout.title': '在 L3 处显示矢状位、冠状位和轴位，并标出各节段',
  'layout.leave': '原布局',
  'layout.leaveTitle': '返回之前的布局',
  'layout.nothing': '请先搜索或标记 L3。',
  'layout.noPlanes': '查看器无法为此序列重建其他平面。',
  'layout.noAxial': '本检查中没有穿过 L3 的轴位序列，查看器也无法为此序列重建其他平面。',
  'layout.notInMode': '查看器的当前模式不显示其他平面。',
};
