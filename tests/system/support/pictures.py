"""Photos as a guest's form sends them."""


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


PICTURE = (segment(0xDB, b"\1" * 65) + segment(0xC0, b"\x08\0\x10\0\x10\1\1\x11\0") + segment(0xC4, b"\0" * 20)
           + segment(0xDA, b"\1\1\0\0\x3f\0") + b"ab\xff\0c" + b"\xff\xd9")
PHOTO = b"\xff\xd8" + segment(0xE1, b"Exif\0\0 GPS 37.5665N") + segment(0xED, b"Photoshop 3.0 by a name") + PICTURE


def multipart(fields: dict, photos: list[bytes]) -> tuple[bytes, dict]:
    body = b"".join(b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
                    for name, value in fields.items())
    for photo in photos:
        body += (b'--edge\r\nContent-Disposition: form-data; name="photos"; filename="IMG_1.jpg"\r\n'
                 b"Content-Type: image/jpeg\r\n\r\n" + photo + b"\r\n")
    return body + b"--edge--\r\n", {"Content-Type": "multipart/form-data; boundary=edge"}
