using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Customers; a deleted one keeps its id and nothing else.</summary>
internal sealed class Customers(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "address": null,
          "balance": 0,
          "currency": null,
          "default_source": null,
          "delinquent": false,
          "description": null,
          "discount": null,
          "invoice_settings": { "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null },
          "next_invoice_sequence": 1,
          "phone": null,
          "preferred_locales": [],
          "shipping": null,
          "tax_exempt": "none"
        }
        """;

    private const string Kind = "customer";

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        var clock = world.Named(form, "test_clock", "test_helpers.test_clock");
        var customer = New(form.Text("email"), form.Text("name"), form.Metadata(), clock?.Id());
        Apply(customer, form);
        world.Add(customer, "customer.created");
        if (world.PaymentMethods.Named(form, "payment_method") is { } method)
        {
            world.PaymentMethods.Attach(method, customer);
            customer.Child("invoice_settings")!["default_payment_method"] ??= form.Child("invoice_settings")?.Text(
                "default_payment_method");
        }

        return customer;
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(
        call,
        world.Store.Newest(Kind).Where(customer => !customer.Flag("deleted")
            && customer.Fits(call.Form, "email") && customer.Fits(call.Form, "test_clock")),
        Kind);

    public JsonObject Update(Call call)
    {
        var customer = Living(call.Id);
        return world.Change(customer, "customer.updated", value =>
        {
            Apply(value, call.Form);
            value["metadata"] = call.Form.Metadata(value.Child("metadata"));
        });
    }

    public JsonObject Delete(Call call)
    {
        var customer = Living(call.Id);
        foreach (var subscription in world.Store.All("subscription").Where(one => one.Text(Kind) == customer.Id()).ToList())
        {
            world.Subscriptions.EndNow(subscription, "cancellation_requested");
        }

        foreach (var method in world.PaymentMethods.Of(customer).ToList())
        {
            world.PaymentMethods.Detach(method);
        }

        var gone = new JsonObject { ["id"] = customer.Id(), ["object"] = Kind, ["deleted"] = true, ["_was"] = customer.Copy() };
        world.Events.Emit("customer.deleted", customer);
        world.Store.Put(gone);
        return gone;
    }

    public JsonObject Methods(Call call)
    {
        var customer = Living(call.Id);
        return Lists.Page(
            call, world.Store.Newest("payment_method")
                .Where(method => method.Text(Kind) == customer.Id() && method.Fits(call.Form, "type")), "payment_method");
    }

    public JsonObject Method(Call call)
    {
        var (customer, method) = (Living(call.Request.Path.Split('/')[3]), call.Request.Path.Split('/')[5]);
        return world.Store.Find("payment_method", method) is { } found && found.Text(Kind) == customer.Id()
            ? found
            : throw ApiException.Missing("payment_method", method);
    }

    /// <summary>A new customer that nobody knows of yet.</summary>
    public JsonObject New(string? email, string? name, JsonObject? metadata, string? clock = null)
    {
        var customer = world.New("cus_", Kind, clock is null ? null : new JsonObject { ["_clock"] = clock });
        customer.Fill(Blank);
        customer["email"] = email;
        customer["invoice_prefix"] = world.Ids.Of(8).ToUpperInvariant();
        customer["metadata"] = metadata ?? [];
        customer["name"] = name;
        customer["test_clock"] = clock;

        return customer;
    }

    /// <summary>Sets what later payments use.</summary>
    public void SetDefault(JsonObject customer, string? method) => world.Change(
        customer, "customer.updated", value => value.Child("invoice_settings")!["default_payment_method"] = method);

    /// <summary>Its next invoice's number.</summary>
    public string NextInvoiceNumber(JsonObject customer)
    {
        var sequence = customer.Long("next_invoice_sequence");
        customer["next_invoice_sequence"] = sequence + 1;
        world.Store.Put(customer);
        return $"{customer.Text("invoice_prefix")}-{sequence:0000}";
    }

    private JsonObject Living(string id) =>
        world.Get(Kind, id) is { } customer && !customer.Flag("deleted") ? customer : throw ApiException.Missing(Kind, id);

    private void Apply(JsonObject customer, Form form)
    {
        foreach (var name in (ReadOnlySpan<string>)["email", "name", "description", "phone"])
        {
            if (form.Has(name))
            {
                customer[name] = form.Text(name);
            }
        }

        if (form.Whole("balance") is { } balance)
        {
            customer["balance"] = balance;
        }

        if (form.Has("address"))
        {
            customer["address"] = form.Node("address") as JsonObject;
        }

        if (form.Child("invoice_settings") is { } settings && settings.Has("default_payment_method"))
        {
            var method = world.PaymentMethods.Named(settings, "default_payment_method");
            if (method is not null && method.Text(Kind) is { } owner && owner != customer.Id())
            {
                throw ApiException.Invalid(
                    settings.Path("default_payment_method"), "The payment method belongs to another customer.");
            }

            customer.Child("invoice_settings")!["default_payment_method"] = method?.Id();
        }
    }
}
