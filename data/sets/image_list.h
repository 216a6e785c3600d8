// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "kernels/runtime/error_type.h"

namespace data {

/// The pictures of a data set that comes as files, in the order of their indices.
struct ImageList {
  struct Entry {
    std::string path;  // from the root
    std::int32_t label;
    std::int64_t bytes, modified;  // nanoseconds since 1970
    bool named = false;            // by a list that the data set comes with
  };
  struct Bad {
    std::string path, reason;  // "a.jpg", "is truncated"
    bool named = false;        // as above: it is not just somebody's file
  };
  std::filesystem::path root;
  std::vector<std::string> class_names = {};  // by label
  std::vector<Entry> train = {}, test = {};
  double held_out = 0;                    // the fraction that hold_out_test made `test`; 0: none
  bool has_validation = false;            // of its own:
  std::size_t validation = 0;             // so many of the last of `train`
  std::vector<Bad> bad = {};              // belongs to the data set and cannot be read
  std::vector<std::string> remarks = {};  // what the user should know, a line each
};

/// Files that do not fit, where getting the data set anew would not mend it.
struct Misfit : kernels::Error {
  using Error::Error;
};

/// The four below throw Error with the file and the fact: a list that is not there or does not fit
/// the others, a label that no class has, a picture without a label or a side, pictures or classes
/// of another data set; Misfit for a picture that a list names twice, or outside the data set, and
/// for one that somebody put there. Pictures that are not there are no error yet but among the bad.

/// Pictures as people have them; data/README.md says how they may be arranged:
///   train/CLASS/PICTURE and test/CLASS/PICTURE; with val/ too, that is the validation set, and
///     without test/ it is the test set;
///   train/CLASS/PICTURE alone, or CLASS/PICTURE: `test_fraction` of each class is held out as the
///     test set, see hold_out_test. load_cached does that again if there are bad pictures.
/// Folders within a class belong to it, and links are followed. What is no picture by its name is
/// left out, with a remark. Classes are those for training in ascending order of their names'
/// bytes, and so are pictures within a class. Throws Misfit for folders that are not so, with what
/// was found and what was expected, and for two classes whose names look alike. A class with no
/// pictures is among the bad.
inline constexpr double default_test_fraction = 0.2;
ImageList list_image_folder(const std::filesystem::path& root,
                            double test_fraction = default_test_fraction);

/// Draws `list.held_out` of each class of all pictures that are left in the list as its test set,
/// see split_test. Where these are of a single class there is none, which is refused later.
void hold_out_test(ImageList&);

/// Tiny-ImageNet-200 as distributed: wnids.txt, train/WNID/images/*.JPEG, val/val_annotations.txt,
/// val/images/*.JPEG; the validation set is the test set. Where val/images/ has no pictures, they
/// are in val/WNID/, as tutorials put them. Classes are in ascending order of their WordNet IDs, as
/// folders are sorted elsewhere; words.txt, if there, names them.
ImageList list_tiny_imagenet(const std::filesystem::path& root);

/// CUB-200-2011 as distributed: classes.txt, images.txt, image_class_labels.txt,
/// train_test_split.txt, images/.
ImageList list_cub200_2011(const std::filesystem::path& root);

/// CUB-200, the edition of 2010, as distributed: lists/train.txt, lists/test.txt, images/. Classes
/// are the folders that train.txt names.
ImageList list_cub200_2010(const std::filesystem::path& root);

// For these functions:

/// A line of a text file that is not empty, with no blanks around it.
struct Line {
  int number;  // from 1
  std::string text;
};

/// All of a file, in UTF-8 with or without a byte order mark.
std::vector<Line> read_lines(const std::filesystem::path&);

/// Whether a name in a file is a path to something in the folder: not absolute, and without "..".
/// Links in the folder may lead where they like: who made them wants it so.
bool leads_inside(const std::string& path);

/// Whether a path is a link to what is not there, or may not be looked at.
bool is_lost_link(const std::filesystem::path&);

/// The folders in a folder that may hold pictures, ascending by their names' bytes: not hidden ones
/// and those of operating systems (`__MACOSX`, `@eaDir`). Lost links too, which may have been such:
/// no class goes without a word.
std::vector<std::string> folders_in(const std::filesystem::path&);

/// Whether a file's name ends as those of pictures do, also of formats that are not read.
bool names_a_picture(const std::string& name);

/// The record of walks through the folders of a data set.
class FolderWalk {
 public:
  using Visited = std::map<std::pair<std::uint64_t, std::uint64_t>, std::string>;
  Visited visited;                 // by device and inode, each with the path that led there first
  std::vector<std::string> twice;  // what is said of folders that links put there twice

  void skip(const std::string& name);
  std::string skipped() const;    // "skipped 12 files that are no pictures (.csv, .txt)", or empty
  void report(ImageList&) const;  // adds that and what is there twice to its remarks

 private:
  std::map<std::string, int> skipped_;  // by ending
};

/// The paths from the root of all pictures in a folder, and in those in it, ascending by bytes.
/// A picture that cannot be read is added to the list's bad, and to the walk's `twice` a folder
/// that links put there twice: within this folder it counts once, and again if another call visited
/// it.
std::vector<std::string> pictures_below(ImageList&, const std::string& folder, FolderWalk&);

/// Adds root/path to `part`, or to the bad if it is not there. `named_by`: the list that names it.
void add_entry(ImageList&, std::vector<ImageList::Entry>& part, const std::string& path,
               std::int32_t label, const std::string& named_by = {});

/// "cat, dog, emu and 4 more".
std::string first_few(const std::vector<std::string>& names, std::size_t most = 10);

/// A name with '?' for each character that is not ASCII or has accents of its own, as in Unicode's
/// NFD, and the accents gone. Two spellings of a name have the same text and different numbers of
/// such accents.
struct Outline {
  std::string text;
  int accents = 0;
};
Outline outline(const std::string&);

/// Whether two names have other bytes and probably look the same, as Unicode's NFC and NFD of a
/// name do.
bool look_alike(const std::string&, const std::string&);

/// A name as it can stand in a line: line breaks and the like as "\n".
std::string shown(const std::string& name);

}  // namespace data
