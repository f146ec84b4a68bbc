using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Api;

/// <summary>Cuts pages of lists: newest first, from a cursor, by when things were made.</summary>
internal static class Lists
{
    private const int PageUsual = 10;

    /// <summary>A page of what is given, newest first.</summary>
    public static JsonObject Page(Call call, IEnumerable<JsonObject> newestFirst, string kind)
    {
        var form = call.Form;
        var limit = form.Whole("limit") ?? PageUsual;
        if (limit is < 1 or > Limits.PageMax)
        {
            throw ApiException.Invalid(
                "limit", $"Limit must be between 1 and {Limits.PageMax}; you passed {limit}.", "parameter_invalid_integer");
        }

        if (form.Has("starting_after") && form.Has("ending_before"))
        {
            throw ApiException.Invalid("starting_after", "You cannot use both starting_after and ending_before.");
        }

        var items = newestFirst.Where(item => IsWithin(item, form, "created")).ToList();
        var (start, count) = (0, (int)limit);
        if (form.Text("starting_after") is { } after)
        {
            start = IndexOf(items, after, kind, "starting_after") + 1;
        }
        else if (form.Text("ending_before") is { } before)
        {
            var end = IndexOf(items, before, kind, "ending_before");
            start = Math.Max(0, end - count);
            return Json.List(call.Request.Path, items[start..end].Select(Json.Shown), start > 0);
        }

        var page = items.Skip(start).Take(count).Select(Json.Shown).ToList();
        return Json.List(call.Request.Path, page, items.Count > start + page.Count);
    }

    /// <summary>Whether an instant of an object is what <c>created[gte]</c> and its like ask for.</summary>
    public static bool IsWithin(JsonObject item, Form form, string name)
    {
        if (!form.Has(name))
        {
            return true;
        }

        var at = item.Long(name);
        return form.Child(name) is not { } range
            ? at == form.Whole(name)
            : (range.Whole("gte") is not { } gte || at >= gte)
                && (range.Whole("gt") is not { } gt || at > gt)
                && (range.Whole("lte") is not { } lte || at <= lte)
                && (range.Whole("lt") is not { } lt || at < lt);
    }

    /// <summary>Whether a member is what a parameter of the same name asks for, when it asks.</summary>
    public static bool Fits(this JsonObject item, Form form, string name) =>
        form.Text(name) is not { } wanted || item.Text(name) == wanted;

    /// <summary>Whether a true-or-false member is what a parameter asks for, when it asks.</summary>
    public static bool FitsFlag(this JsonObject item, Form form, string name) =>
        form.Flag(name) is not { } wanted || item.Flag(name) == wanted;

    private static int IndexOf(List<JsonObject> items, string id, string kind, string param)
    {
        var index = items.FindIndex(item => item.Id() == id);
        return index >= 0 ? index : throw ApiException.MissingParameter(kind, id, param);
    }
}
