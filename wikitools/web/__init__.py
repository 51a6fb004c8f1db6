"""Asks registries and libraries on the web about works: the only package that uses the network.

One rule holds everywhere here: an answer that was not received is never a "no". Only a registry that says itself that
it has no such identifier says no; a timeout, a broken page, a refusal or a full server leaves the question open.
"""
