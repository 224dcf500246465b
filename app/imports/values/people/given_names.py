"""Common given names, which tell "Mary Church" and "John Temple" from a church and a temple.

Names that congregations use as well (Grace, Faith, Hope, Christian) are left out on purpose.
"""

# lower case, without accents
GIVEN_NAMES = frozenset(
    """
    aaron abby abigail abraham ada adam adrian agnes ahmed aidan alan albert alex alexander
    alexandra alfred alice alicia alison allen allison amanda amber amelia amy ana andrea
    andreas andrew andy angela angelica anita anja anke ann anna annabel anne anneke annette
    anthony antje anton antonio antonia april arthur ashley audrey barbara barry beate beatrice
    beatriz ben benjamin bernard bernd bernadette bert beth betty beverly bill billy bob bonnie
    brad bradley brandon brenda brian bridget bruce bruno bryan caitlin calvin cameron carl
    carla carlos carmen carol caroline carolyn catherine cathy cecilia charles charlie
    charlotte chloe chris christa christina christine christopher cindy claire clara claude
    claudia colin connie craig cynthia dale dan daniel daniela danielle darren dave david dawn
    dean debbie deborah denise dennis derek diana diane dick dieter dirk don donald donna doris
    dorothy doug douglas duncan dylan edith edward eduardo edwin eileen elaine eleanor elena
    elisabeth elise eliza elizabeth ellen elsa emily emma eric erica erik erika ernst ethan
    eugene eva evelyn fatima felix fernando florian frances francis francisco francois frank
    franz fred frederick frieda friedrich fritz gabriel gabriela gareth gary geoffrey georg
    george gerald gerard gerda gerhard gertrud gina giovanni giuseppe glen glenn gloria gordon
    graham greg gregory greta guenter gunter gustav hanna hannah hannelore hans harald harold
    harry heather heidi heike heinrich heinz helen helena helga henk henri henry herbert
    hermann hilda holger howard hugh hugo ian ilse ines inge ingrid irene irina isaac isabel
    isabella ivan jack jackie jacob jacqueline jacques jake james jamie jan jane janet janos
    janice jason javier jean jeanne jeff jeffrey jennifer jenny jens jeremy jessica jill jim
    jimmy joan joanna joanne joao joachim jochen joe joel johan johann johanna johannes john
    johnny jon jonathan jordan jorge jose josef joseph josephine joshua joyce juan juana judith
    judy juerg jules julia julian julie june jurgen justin kai karen karin karl karla katalin
    kate katharina katherine kathleen kathy katie katja keith kelly ken kenneth kerry kevin kim
    klara klaus konrad kurt kyle lars laszlo laura lauren laurie lea leah leo leon leonard
    leslie lily linda lisa liz lois lorenzo lorraine louis louise luca lucas lucia lucy luis
    luise lukas luke lydia lynn madeleine maggie manfred manuel manuela marc marcel marco
    marcus margaret margarete margarita margit maria marianne marie marija marina mario marion
    mark markus marlene marta martha martin martina mary mateo mathias matthew matthias maureen
    max maximilian megan melanie melissa mia michael michel michelle miguel mihaly mike miriam
    molly monica monika nancy natalie nathan neil nicholas nick nicola nicolas nicole nina nora
    norbert norman oliver olivia oscar oskar pablo pamela pat patricia patrick paul paula
    pauline pedro peggy penny peter petra phil philip philipp phillip phyllis pierre piet
    pieter rachel raimund rainer ralf ralph ramon raymond rebecca regina reinhard renate rene
    ricardo richard rita rob robert roberto robin roger roland rolf ron ronald rosa rose
    rosemary roy rudolf russell ruth ryan sabine sally sam samantha samuel sandra sara sarah
    scott sean sebastian sergio sharon sheila sheryl shirley silvia simon sofia sonia sophia
    sophie stacy stefan steffen stella stephan stephanie stephen steve steven stuart sue susan
    susanne suzanne sven sylvia tamara tamas tanja tanya tara ted terence teresa terry theo
    theodore theresa thomas tim timothy tina tobias todd tom tommy toni tony tracy ulrich
    ulrike ursula ute uwe valerie vanessa vera veronica veronika vicki victor victoria viktor
    vincent virginia vivian volker walter wanda wayne wendy werner wilhelm will willem william
    wolfgang xavier yolanda yvonne zoe zoltan zsuzsa zsuzsanna
    """.split()  # noqa: SIM905
)
