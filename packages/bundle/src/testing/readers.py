# Reads every archive of a folder with zipfile and prints, for each, its names and the hashes of its contents.
import hashlib, json, os, sys, zipfile

folder = sys.argv[1]
for name in sorted(os.listdir(folder)):
    with zipfile.ZipFile(os.path.join(folder, name)) as archive:
        assert archive.testzip() is None
        seen = [[entry.filename, hashlib.sha256(archive.read(entry)).hexdigest()] for entry in archive.infolist()]
    print(json.dumps([name, seen]))
