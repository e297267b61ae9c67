"""Which of the mesh's 478 landmarks bound what (MediaPipe's canonical face; right and left are the person's own).

Numbers only; nothing here looks at a pixel.
"""

OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377)
OVAL += (152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
FOREHEAD = (10, 338, 297, 332, 284, 54, 103, 67, 109)
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
RIGHT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
LEFT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
MOUTH = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
"""The inner edge of the lips: what is inside is teeth, tongue and dark."""
RIGHT_BAG = (25, 110, 24, 23, 22, 26, 120, 119, 118, 117, 111)
LEFT_BAG = (255, 339, 254, 253, 252, 256, 349, 348, 347, 346, 340)
RIGHT_SMILE_LINE = (129, 203, 206, 216, 212)
LEFT_SMILE_LINE = (358, 423, 426, 436, 432)
RIGHT_CHEEK = (50, 205)
LEFT_CHEEK = (280, 425)
NOSE_TIP, CHIN, TOP, BETWEEN_BROWS = 1, 152, 10, 9
RIGHT_SIDE, LEFT_SIDE = 234, 454
