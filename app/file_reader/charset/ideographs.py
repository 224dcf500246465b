"""Frequent characters of names and places in Japanese, Chinese and Korean."""

from dataclasses import dataclass
from functools import lru_cache
from math import log

_JAPANESE = (
    "山田中村本小川木林佐藤伊東高橋渡辺加吉井石上野松下大西島前原後岡長谷藤近遠内森池"
    "阿部清水橋今新宮平福三浦千葉岩青金沢杉竹太郎子美恵一二三四五男夫雄和正義明弘治健康子"
    "幸由紀香織真理直樹花次郎優奈菜穂裕博史彦志之助京都府県市区町東北海道神奈愛知名古屋"
    "横浜札幌仙台広鈴斎齋浅黒白古武安酒堀関菊桜有限会社株式団法人学校寺院教会様氏姓住所"
    "号番年月日円額金入振込先支払方備考電話郵便件数銀行支店口座寄付付者会費受領済未個"
    "陽翔蓮湊悠結衣葵凛咲莉央心愛彩乃絵里枝代江津久保丸尾坂崎戸倉柴星梅笠荒"
)
_SIMPLIFIED = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙"
    "史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚"
    "桂英华文建国红玉春梅海燕志新小晓婷雪莹佳欣怡梓涵子浩宇轩博思雨一诺晨辉鹏飞云龙凤"
    "玲萍莉琴慧颖倩瑶琳淑珍珠美中北京上海广州深圳南天津重庆市省区县路街号楼室成都武汉杭西"
    "安姓名地址城市金额日期备注电话邮编捐款捐赠人民币元年月日项目公司有限基金会大学医院银行账"
    "户收付款方式交易单编男女先生太三四五六七八九十德东山河长永福生兴荣贵根宝良才光亮"
)
_TRADITIONAL = (
    "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董袁潘蔣蔡余杜"
    "葉程蘇魏呂丁任沈姚盧姜崔鍾譚陸汪范金石廖賈夏韋方白鄒孟熊秦邱江尹薛侯龍史陶黎賀顧毛"
    "莊賴洪詹簡游施柯翁溫偉芳娜敏靜麗強軍勇豔傑娟濤明超秀蘭霞平剛桂英華文建國紅玉春梅海"
    "志新小曉婷雪瑩佳欣怡子浩宇軒博思雨淑惠美玲雅雯家豪俊宏宗翰冠廷怡君雅婷承恩詩涵志明"
    "慧鳳雲飛鵬輝珍珠琴瑶琳琪儀蓉萱薇臺台北中南東高雄新竹桃園香港九龍市縣區路街號樓室"
    "姓名地址城市金額日期備註電話郵遞捐款捐贈人民幣元年月日項目公司有限基金會大學醫院銀行帳"
    "戶收付款方式交易單編男女先生太三四五六七八九十德山河長永福生興榮貴根寶良才光亮"
)
_KOREAN = (
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진나"
    "지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
    "영수철호준민지현우진성훈서연윤하은예주아경희숙자순미정옥혜선동재상태형석광일종규식"
    "병만복남길춘화덕봉근찬빈솔별별나라다라마바사름이시구군읍면리로번길서울부산대구인천광주"
    "대전울산세종기원충전라경상북남제주도이름주소도금액날짜전화번호메모후원기부회원단체"
    "학교회사재단법인은행계좌결제방법상태완료일월년건호동층가거고과관교그급내너년노는늘"
    "단달담당대데도독두드등디람랑래량러력련례론료루른를림매머메며목무물및발배보본분불비"
    "빛사산살삼새생설세속송시실씨야약양에역연열와왕외요용운웅월유율음의익잔잘접조존"
)
_PUNCTUATION = "　、。・ー「」（）：，！？＆々〜"


@dataclass(frozen=True, slots=True)
class Script:
    """Characters by frequency: `frequent` ones, and those a charset lists among its common ones.

    A character is a common one of `charset` if its first byte there is at most `last`.
    """

    frequent: frozenset[str]
    charset: str
    last: int
    others: int


SCRIPTS = {
    "ja": Script(frozenset(_JAPANESE), "shift_jis", 0x97, 2700),
    "zh-hans": Script(frozenset(_SIMPLIFIED), "gb2312", 0xD7, 3500),
    "zh-hant": Script(frozenset(_TRADITIONAL), "big5", 0xC6, 5000),
    "ko": Script(frozenset(_KOREAN), "euc_kr", 0xC8, 2100),
}
_HIRAGANA, _KATAKANA = ("ぁ", "ゖ"), ("ァ", "ヺ")
_WIDE = ("！", "～")


@lru_cache(maxsize=20_000)
def log_probability(character: str, language: str) -> float:
    """Return the log-probability of a character outside ASCII in one of these languages."""
    script = SCRIPTS[language]
    if character in script.frequent:
        return log(0.55 / len(script.frequent))
    if language == "ja":
        for (first, last), share in (
            (_HIRAGANA, 0.1),
            (_KATAKANA, 0.15),
            (_WIDE, 0.02),
        ):
            if first <= character <= last:
                return log(share / (ord(last) - ord(first) + 1))
    if character in _PUNCTUATION:
        return log(0.02 / len(_PUNCTUATION))
    try:
        lead = character.encode(script.charset)[0]
    except UnicodeEncodeError:
        return -18.0
    if language == "ko" and not "가" <= character <= "힣":
        # Chinese characters and symbols
        return -15.0
    ideograph = "一" <= character <= "鿿" or language == "ko"
    return log(0.25 / script.others) if ideograph and lead <= script.last else -13.5
