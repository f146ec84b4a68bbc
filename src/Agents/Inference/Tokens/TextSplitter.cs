using System.Globalization;
using System.Text;

namespace Quoin.Inference.Internal;

/// <summary>
/// Cuts text into the pieces that tokens never cross, exactly as the regular expressions of the vocabularies do
/// (<c>pat_str</c> of js-tiktoken), without their backtracking: each letter is looked at a few times, whatever the text.
/// </summary>
internal static class TextSplitter
{
    private enum Sort : byte
    {
        /// <summary>Neither letter nor number nor white space: signs, marks aside.</summary>
        Other,

        /// <summary>White space but line ends.</summary>
        Space,

        /// <summary>A line feed or a carriage return.</summary>
        LineEnd,

        /// <summary>A number.</summary>
        Number,

        /// <summary>A capital letter, or one that stands for it in titles.</summary>
        Upper,

        /// <summary>A small letter.</summary>
        Lower,

        /// <summary>A letter of neither case.</summary>
        Caseless,

        /// <summary>A mark on a letter.</summary>
        Mark,
    }

    /// <summary>Where the first piece of a text ends, by the rules of <c>o200k_base</c>.</summary>
    /// <param name="text">UTF-8 without mistakes; not empty.</param>
    public static int O200k(ReadOnlySpan<byte> text)
    {
        var (first, size) = Read(text);
        var afterPrefix = first is Sort.Other or Sort.Space or Sort.Mark ? size : -1;
        if (Cased(text, afterPrefix) is > 0 and var capital)
        {
            return capital;
        }

        return Rest(text, first, size, isSlashTail: true);
    }

    /// <summary>Where the first piece of a text ends, by the rules of <c>cl100k_base</c>.</summary>
    /// <param name="text">UTF-8 without mistakes; not empty.</param>
    public static int Cl100k(ReadOnlySpan<byte> text)
    {
        if (Contraction(text, 0) is > 0 and var contraction)
        {
            return contraction;
        }

        var (first, size) = Read(text);
        var start = IsLetter(first) ? 0 : first is Sort.LineEnd or Sort.Number ? -1 : size;
        if (start >= 0 && Run(text, start, IsLetter) is var end && end > start)
        {
            return end;
        }

        return Rest(text, first, size, isSlashTail: false);
    }

    // What the two have in common: numbers, signs, white space.
    private static int Rest(ReadOnlySpan<byte> text, Sort first, int size, bool isSlashTail)
    {
        if (first == Sort.Number)
        {
            return Numbers(text, size);
        }

        var signs = text[0] == ' ' ? 1 : 0;
        var end = Run(text, signs, IsSign);
        if (end > signs)
        {
            return Tail(text, end, isSlashTail);
        }

        // White space up to its last line end; else all but the last before a word, which begins with it.
        var (at, lastLineEnd, last) = (0, 0, 0);
        while (at < text.Length && Read(text[at..]) is var (sort, length) && sort is Sort.Space or Sort.LineEnd)
        {
            last = at;
            at += length;
            lastLineEnd = sort == Sort.LineEnd ? at : lastLineEnd;
        }

        return lastLineEnd > 0 ? lastLineEnd
            : at == text.Length || last == 0 ? at
            : last;
    }

    // The two alternatives for words, in their order: one that ends in small letters, one that begins with capitals.
    private static int Cased(ReadOnlySpan<byte> text, int afterPrefix)
    {
        var end = afterPrefix < 0 ? 0 : LowerEnd(text, afterPrefix);
        end = end > 0 ? end : LowerEnd(text, 0);
        end = end > 0 || afterPrefix < 0 ? end : UpperEnd(text, afterPrefix);
        end = end > 0 ? end : UpperEnd(text, 0);
        return end > 0 && Contraction(text, end) is > 0 and var contracted ? contracted : end;
    }

    // [Lu Lt Lm Lo M]* [Ll Lm Lo M]+ : where no small letter follows, the last of what is of both sorts ends it.
    private static int LowerEnd(ReadOnlySpan<byte> text, int start)
    {
        var (at, lastOfBoth) = (start, 0);
        while (at < text.Length && Read(text[at..]) is var (sort, size) && IsUpperOrBoth(sort))
        {
            at += size;
            lastOfBoth = sort == Sort.Upper ? lastOfBoth : at;
        }

        var end = Run(text, at, IsLowerOrBoth);
        return end > at ? end : lastOfBoth;
    }

    // [Lu Lt Lm Lo M]+ [Ll Lm Lo M]*
    private static int UpperEnd(ReadOnlySpan<byte> text, int start)
    {
        var at = Run(text, start, IsUpperOrBoth);
        return at > start ? Run(text, at, IsLowerOrBoth) : 0;
    }

    private static int Numbers(ReadOnlySpan<byte> text, int size)
    {
        const int most = 3;
        var at = size;
        for (var count = 1; count < most && at < text.Length && Read(text[at..]) is (Sort.Number, var next); count++)
        {
            at += next;
        }

        return at;
    }

    private static int Tail(ReadOnlySpan<byte> text, int at, bool isSlashTail)
    {
        while (at < text.Length && (text[at] is (byte)'\r' or (byte)'\n' || (isSlashTail && text[at] == '/')))
        {
            at++;
        }

        return at;
    }

    // 's 't 're 've 'm 'll 'd, whatever their case; where it ends, or 0 where there is none.
    private static int Contraction(ReadOnlySpan<byte> text, int at)
    {
        if (at + 1 >= text.Length || text[at] != '\'')
        {
            return 0;
        }

        var first = text[at + 1] | 0x20;
        if (first is 's' or 't' or 'm' or 'd')
        {
            return at + 2;
        }

        var second = at + 2 < text.Length ? text[at + 2] | 0x20 : 0;
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? at + 3 : 0;
    }

    private static int Run(ReadOnlySpan<byte> text, int at, Func<Sort, bool> belongs)
    {
        while (at < text.Length && Read(text[at..]) is var (sort, size) && belongs(sort))
        {
            at += size;
        }

        return at;
    }

    private static bool IsLetter(Sort sort) => sort is Sort.Upper or Sort.Lower or Sort.Caseless;

    private static bool IsSign(Sort sort) => sort is Sort.Other or Sort.Mark;

    private static bool IsUpperOrBoth(Sort sort) => sort is Sort.Upper or Sort.Caseless or Sort.Mark;

    private static bool IsLowerOrBoth(Sort sort) => sort is Sort.Lower or Sort.Caseless or Sort.Mark;

    private static (Sort Sort, int Bytes) Read(ReadOnlySpan<byte> text)
    {
        var ascii = text[0];
        if (ascii < 0x80)
        {
            var sort = ascii switch
            {
                >= (byte)'a' and <= (byte)'z' => Sort.Lower,
                >= (byte)'A' and <= (byte)'Z' => Sort.Upper,
                >= (byte)'0' and <= (byte)'9' => Sort.Number,
                (byte)'\n' or (byte)'\r' => Sort.LineEnd,
                (byte)' ' or (byte)'\t' or 0x0B or 0x0C => Sort.Space,
                _ => Sort.Other,
            };
            return (sort, 1);
        }

        Rune.DecodeFromUtf8(text, out var rune, out var bytes);
        return (SortOf(rune), bytes);
    }

    private static Sort SortOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        _ when Rune.IsWhiteSpace(rune) => Sort.Space,
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => Sort.Upper,
        UnicodeCategory.LowercaseLetter => Sort.Lower,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Sort.Caseless,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => Sort.Mark,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Sort.Number,
        _ => Sort.Other,
    };
}
